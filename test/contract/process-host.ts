import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { systemClock } from '../../src/clock.ts';
import type { Sealed } from '../../src/core/ports.ts';
import type { ProcessEngineOptions } from '../../src/engine/process/process.ts';
import { createProcessEngine } from '../../src/engine/process/process.ts';
import type { EngineHost, Script } from './engine.ts';
import { makeTempDirectory } from './tmp.ts';

const SIGNAL = '{"run_id":1,"run_attempt":1,"job":"build","repository":"o/r","at":"2026-11-20T12:00:00Z"}';
const READY = `echo '${SIGNAL}' > "$RUNNER_SIGNALS/started"`;

const SCRIPTS: Record<Script, string> = {
  sleeps: 'sleep 600',
  'exits-3': 'exit 3',
  'ends-on-term': `trap "exit 0" TERM; ${READY}; while :; do sleep 0.05; done`,
  'ignores-term': `trap "" TERM; ${READY}; while :; do sleep 0.05; done`,
};

export function seal(text: string): Sealed {
  return { reveal: () => text };
}

/** Directories of their own; the credential is the script. */
export async function makeProcessHost(
  more: Partial<ProcessEngineOptions> = {},
): Promise<EngineHost & { readonly options: ProcessEngineOptions }> {
  const root = await makeTempDirectory();
  await mkdir(join(root, 'state'));
  const options: ProcessEngineOptions = {
    stateDir: join(root, 'state'),
    runtimeDir: join(root, 'runtime'),
    command: '. "$CREDENTIALS_DIRECTORY/runner-registration"',
    controllerId: 'abcdefgh12345678',
    clock: systemClock,
    log: { warn: () => undefined },
    subnetsInUse: () => [],
    ...more,
  };
  return {
    options,
    open: () => createProcessEngine(options),
    openStranger: () => createProcessEngine({ ...options, controllerId: 'zzzzzzzz99999999' }),
    credential: (script) => seal(SCRIPTS[script]),
  };
}
