import { statfsSync } from 'node:fs';

/** Of the file system that a path is on; null when it cannot be asked. */
export function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
