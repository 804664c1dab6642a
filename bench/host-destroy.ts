import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../src/clock.ts';
import type { Engine } from '../src/core/ports.ts';
import { createNixosContainerEngine } from '../src/engine/nixos-container/nixos-container.ts';
import { createNspawnEngine } from '../src/engine/nspawn/nspawn.ts';
import { remains } from '../test/host/support/leaks.ts';
import { testSystem } from '../test/host/support/shell.ts';
import type { RealEngine } from '../test/host/support/stage.ts';
import { rounded } from './report.ts';

const NEVER = new AbortController().signal;
const NAMES = Array.from({ length: 20 }, (_, n) => `j${n}`);

/** Twenty containers whose runner has ended, destroyed at once by the engine. */
export async function destroyTwenty(
  kind: RealEngine,
): Promise<{ readonly seconds: number; readonly left: number }> {
  const engine = open(kind);
  const jitConfig = Buffer.from('#!script\nsleep 5\n').toString('base64');
  const credential = { reveal: () => JSON.stringify({ version: 1, mode: 'jit', jitConfig }) };
  await Promise.all(
    NAMES.map(async (name, n) => {
      const order = {
        name,
        className: 'default',
        scope: 'o/r',
        subnet: 100 + n,
        runnerName: `bench-${name}`,
        forJob: n,
        forAttempt: 1,
      };
      await engine.create({ ...order, system: kind === 'nspawn' ? null : testSystem() }, NEVER);
      await engine.start(name, { runnerName: `bench-${name}`, credential }, NEVER);
    }),
  );
  for (;;) {
    const { containers } = await engine.observe(NAMES, NEVER);
    if (containers.length === NAMES.length && containers.every(({ state }) => state === 'ended')) break;
    await delay(200);
  }
  const began = performance.now();
  await Promise.all(NAMES.map((name) => engine.destroy(name, { clean: false }, NEVER)));
  const seconds = rounded((performance.now() - began) / 1000, 2);
  return { seconds, left: remains().length };
}

function open(kind: RealEngine): Engine {
  const options = {
    stateDir: '/var/lib/runner-controller/destroy',
    runtimeDir: '/run/destroy',
    controllerId: 'abcdefgh12345678',
    clock: systemClock,
    classes: new Map(),
    allowed: [],
  };
  if (kind === 'nspawn') return createNspawnEngine({ ...options, rootfs: '/srv/guest' });
  return createNixosContainerEngine({ ...options, bin: 'nixos-container' });
}
