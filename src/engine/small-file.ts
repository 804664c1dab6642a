import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';

/** The machine is short of something: says nothing about the file. */
const SHORTAGES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO']);

/**
 * The text of a regular file that a job may have made or replaced: follows no link, never waits for a FIFO, opens no
 * device. Null when it is none of that kind, larger than `maxBytes`, absent or forbidden. Throws only when the machine
 * could not answer.
 *
 * Synchronous on purpose: several are read for every container every second, and a trip through the thread pool costs
 * ten times the read.
 */
export function readSmallFile(path: string, maxBytes: number): string | null {
  try {
    // First without opening it: to open a device may already do something.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(file);
      if (!stat.isFile() || stat.size > maxBytes) return null;
      const bytes = Buffer.alloc(maxBytes);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, maxBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && SHORTAGES.has(error.code)) throw error;
    return null;
  }
}
