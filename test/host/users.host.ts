import { expect, it } from 'vitest';

import { observeUntil, orderFor, registered } from '../contract/engine.ts';
import { remains } from './support/leaks.ts';
import { makeHost, makeNspawn, NEVER, scripted } from './support/machine.ts';
import { sh } from './support/shell.ts';

const SAY_STARTED = `printf '{"run_id":1,"run_attempt":1,"job":"b","repository":"o/r","at":"2026-11-20T12:00:00Z"}' > /run/runner-signals/started`;

it('runs a container of a class with private users in a user namespace, signals and network included', async () => {
  const classes = new Map([['default', { limits: {}, privateUsers: true }]]);
  const engine = makeHost(makeNspawn, { classes }).open();
  await engine.create(orderFor('j1'), NEVER);
  await engine.start('j1', registered('j1', scripted(`${SAY_STARTED}; exec sleep 600`)), NEVER);
  await observeUntil(engine, 'j1', (container) => container?.started !== null);
  const leader = sh('machinectl show j1 --property Leader --value');
  expect(sh(`awk '{ print $2 }' /proc/${leader}/uid_map`)).not.toBe('0');
  expect(sh(`nsenter --target ${leader} --net ip -4 route show default`)).toContain('host0');
  await engine.destroy('j1', { clean: false }, NEVER);
  expect(remains()).toEqual([]);
});
