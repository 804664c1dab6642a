import { describeEngine } from './engine.ts';
import { makeProcessHost } from './process-host.ts';

describeEngine('process', () => makeProcessHost());
