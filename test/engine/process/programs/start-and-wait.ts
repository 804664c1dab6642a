import { systemClock } from '../../../../src/clock.ts';
import { createProcessEngine } from '../../../../src/engine/process/process.ts';
import { orderFor, registered } from '../../../contract/engine.ts';
import { seal } from '../../../contract/process-host.ts';

/** A controller that starts one instance, says so, and lives on. */
const [stateDir = '', runtimeDir = '', command = ''] = process.argv.slice(2);
const engine = createProcessEngine({
  stateDir,
  runtimeDir,
  command,
  controllerId: 'abcdefgh12345678',
  clock: systemClock,
  log: { warn: () => undefined },
  subnetsInUse: () => [],
});
const { signal } = new AbortController();
await engine.create(orderFor('j1'), signal);
await engine.start('j1', registered('j1', seal('secret')), signal);
process.stdout.write('started\n');
setInterval(() => undefined, 1000);
