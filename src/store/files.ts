import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file of mode 0600 and waits until its bytes are on the disk. A file of that name is replaced. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

/** Replaces `path` whole, so that a reader finds the old text or the new one, even after a crash at any moment. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  await writeDurably(aside(path), text);
  await rename(aside(path), path);
  await syncDirectory(dirname(path));
}

/** The path where the next text is written before it is renamed. A leftover file of that name has no meaning. */
export function aside(path: string): string {
  return `${path}.next`;
}

/** Makes names that were added to or removed from a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
