import type { FSWatcher } from 'node:fs';
import { closeSync, constants, fchmodSync, mkdirSync, openSync, watch } from 'node:fs';
import { z } from 'zod';

import { EngineError, messageOf } from '../core/errors.ts';
import type { JobSignal } from '../core/observation.ts';
import { codeOf } from './failure.ts';
import { readSmallFile } from './small-file.ts';

/** What the hooks of one container wrote; null: nothing, or nothing that can be believed. */
export interface Signals {
  readonly started: JobSignal | null;
  readonly completed: JobSignal | null;
}

const NOTHING: Signals = { started: null, completed: null };
const MAX_BYTES = 4096;
/** The least time between two calls of a watch, so that a job which writes without end costs little. */
const QUIET_MS = 50;

/** Decimal strings too, because that is what a shell makes of GitHub's variables. */
const positive = z.union([
  z.number().int().positive(),
  z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number)
    .pipe(z.number().int().positive()),
]);

/** Contract section 3. Keys that a later template adds are let pass. */
const signalFile = z.object({
  run_id: positive,
  run_attempt: positive,
  job: z.string().max(512),
  repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  at: z.iso.datetime({ offset: true }),
});

/**
 * Makes the directory that a container's hooks write to, mode 1777 whatever the umask: the job's user is not ours,
 * and the sticky bit keeps users inside from replacing each other's files. The parent must exist.
 */
export function makeSignalsDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: false });
    const directory = openDirectory(path);
    try {
      fchmodSync(directory, 0o1777);
    } finally {
      closeSync(directory);
    }
  } catch (error) {
    throw new EngineError(
      codeOf(error),
      `The signals directory ${path} could not be made: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Reads `started` and `completed` as what they are: files that an untrusted job may have made. Follows no link, in
 * the directory's place neither, never waits for a FIFO, opens no device, reads at most 4 KiB. The owner is not
 * checked, since the job's user may be any. Never throws: what cannot be read or believed is null, and is read
 * anew by the next call.
 */
export function readSignals(path: string): Signals {
  let directory: number;
  try {
    directory = openDirectory(path);
  } catch {
    return NOTHING;
  }
  try {
    // Through the descriptor, so that the directory cannot be exchanged between one call and the next.
    const opened = `/proc/self/fd/${directory}`;
    return { started: readSignal(`${opened}/started`), completed: readSignal(`${opened}/completed`) };
  } finally {
    closeSync(directory);
  }
}

/**
 * Calls back when a signal file may have changed. Only a hint: where the kernel gives no watch (limits, a directory
 * that is gone) it stays silent, and the next regular observation finds the change. Does not keep the event loop alive.
 */
export function watchSignals(path: string, onChange: () => void): Disposable {
  let watcher: FSWatcher | null = null;
  let pending: NodeJS.Timeout | null = null;
  let last = -Infinity;
  const fire = (): void => {
    pending = null;
    last = performance.now();
    onChange();
  };
  const noticed = (name: string | null): void => {
    if (pending !== null || (name !== null && name !== 'started' && name !== 'completed')) return;
    const wait = last + QUIET_MS - performance.now();
    if (wait <= 0) fire();
    else pending = setTimeout(fire, wait).unref();
  };
  const close = (): void => {
    if (pending !== null) clearTimeout(pending);
    pending = null;
    watcher?.close();
    watcher = null;
  };
  try {
    watcher = watch(path, { persistent: false }, (_event, name) => noticed(name));
    watcher.on('error', close);
  } catch {
    close();
  }
  return { [Symbol.dispose]: close };
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

function readSignal(path: string): JobSignal | null {
  try {
    const text = readSmallFile(path, MAX_BYTES);
    return text === null ? null : parseSignal(text);
  } catch {
    return null;
  }
}

function parseSignal(text: string): JobSignal | null {
  const { success, data } = signalFile.safeParse(JSON.parse(text));
  if (!success) return null;
  return { runId: data.run_id, runAttempt: data.run_attempt, repository: data.repository };
}
