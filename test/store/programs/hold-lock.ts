import { acquireLock } from '../../../src/store/lock.ts';

const [stateDir = '', andEnd] = process.argv.slice(2);
await acquireLock(stateDir);
process.stdout.write('held\n');
if (andEnd === undefined) setInterval(() => undefined, 1000);
