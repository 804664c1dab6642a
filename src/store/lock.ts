import { mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';

import { hasCode } from '../core/errors.ts';

/** The right to write in one state directory. */
export interface Lock extends AsyncDisposable {
  readonly stateDir: string;
}

/** Another controller holds the state directory. */
export class StateLockedError extends Error {
  override readonly name = 'StateLockedError';

  constructor(stateDir: string) {
    super(
      `${stateDir} is held by another running controller: stop that one first, or give this one another STATE_DIR`,
    );
  }
}

/**
 * Takes the lock of a state directory, made if it is missing, or throws `StateLockedError` at once.
 *
 * Node has no flock. An abstract Unix socket (unix(7)) is as good: the kernel lets one process bind the name and
 * frees it with that process, however it dies. The name comes from the directory's device and inode, so two spellings
 * of one path are one lock. Abstract names belong to a network namespace: two controllers that share a directory
 * but not the network are not kept apart.
 */
export async function acquireLock(stateDir: string): Promise<Lock> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const { dev, ino } = await stat(stateDir, { bigint: true });
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(hasCode(error, 'EADDRINUSE') ? new StateLockedError(stateDir) : error),
    );
    server.listen(`\0runner-controller:${dev}:${ino}`, resolve);
  });
  // A program that is done must not be kept alive by its lock.
  server.unref();
  return {
    stateDir,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
