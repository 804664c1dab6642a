import { mkdir, rm, writeFile } from 'node:fs/promises';

import type { Sealed } from '../../core/ports.ts';
import type { Instant } from '../../core/time/instant.ts';
import type { ProcessInstance } from './instance.ts';
import type { InstancePaths } from './paths.ts';
import type { ProcessRecord } from './record.ts';
import { spawnInstance } from './spawn.ts';

export interface StartOrder {
  readonly command: string;
  readonly startedAt: Instant;
  /** The controller's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runnerName: string;
  readonly credential: Sealed;
  readonly signal: AbortSignal;
  readonly onExit: () => void;
}

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Runs the command of a created instance. That it may run is written down before it does, and which process it is
 * after: a controller that dies in between leaves enough to find it.
 */
export async function startInstance(
  instance: ProcessInstance,
  record: ProcessRecord,
  order: StartOrder,
): Promise<void> {
  const { paths } = instance;
  const environment = environmentFor(order.runnerName, paths, order.environment);
  try {
    const promised = await instance.promiseStart(record, order.runnerName, order.startedAt);
    await writeCredential(paths, order.credential);
    order.signal.throwIfAborted();
    const leader = await spawnInstance(order.command, paths, environment, order.onExit);
    await instance.recordProcess(promised, leader);
  } catch (error) {
    instance.startFailed();
    await rm(paths.credentials, { recursive: true, force: true });
    throw error;
  }
}

async function writeCredential(paths: InstancePaths, credential: Sealed): Promise<void> {
  await rm(paths.credentials, { recursive: true, force: true });
  await mkdir(paths.credentials, { recursive: true, mode: 0o700 });
  await writeFile(paths.registration, credential.reveal(), { mode: 0o600, flag: 'wx' });
}

/** Contract section 2, `PROCESS_RUNNER`: these and nothing else. */
function environmentFor(
  runnerName: string,
  paths: InstancePaths,
  own: StartOrder['environment'],
): Record<string, string> {
  return {
    PATH: own['PATH'] ?? DEFAULT_PATH,
    HOME: paths.work,
    LANG: own['LANG'] ?? 'C.UTF-8',
    CREDENTIALS_DIRECTORY: paths.credentials,
    RUNNER_SIGNALS: paths.signals,
    RUNNER_NAME: runnerName,
  };
}
