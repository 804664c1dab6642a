import { describeHostile } from './support/hostile-suite.ts';
import { makeNspawn } from './support/machine.ts';

describeHostile({ kind: 'nspawn', open: makeNspawn, unit: 'runner-container@j1.service' });
