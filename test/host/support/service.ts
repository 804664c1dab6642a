import { onTestFinished } from 'vitest';

import { destroyAll, makeNixos, makeNspawn, makeOptions } from './machine.ts';
import { sh } from './shell.ts';
import type { RealEngine } from './stage.ts';
import { openGithub, startService, STATE_DIR, UNIT } from './stage.ts';

/** The simulated GitHub, for as long as the test lasts. */
export async function startGithub(more: readonly string[] = []): Promise<void> {
  const github = await openGithub(more);
  onTestFinished(() => github[Symbol.dispose]());
}

/** The controller as a service of this machine; whatever the test leaves is removed after it. */
export function startController(engine: RealEngine, more: Readonly<Record<string, string>> = {}): void {
  onTestFinished(async () => {
    sh(`systemctl stop ${UNIT}; systemctl reset-failed ${UNIT} 2>/dev/null || true`);
    const options = makeOptions({ stateDir: STATE_DIR, runtimeDir: '/run/runner-controller' });
    const controllerId = sh(`cat ${STATE_DIR}/controller-id`).trim();
    await destroyAll((engine === 'nspawn' ? makeNspawn : makeNixos)({ ...options, controllerId }));
    sh(`rm -rf ${STATE_DIR} /run/runner-controller`);
  });
  startService(engine, more);
}
