import { describeService } from './support/service-suite.ts';

describeService('nspawn', 100);
