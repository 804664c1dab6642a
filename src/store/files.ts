import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A new file of mode 0600 whose bytes are on the disk; whatever was there under that name is replaced. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

/** Replaces `path` whole: a reader, and a crash at any moment, finds the old text or the new one. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  await writeDurably(aside(path), text);
  await rename(aside(path), path);
  await syncDirectory(dirname(path));
}

/** Where the next text is written before it takes its place; a leftover of this name means nothing. */
export function aside(path: string): string {
  return `${path}.next`;
}

/** Makes names that were added to or removed from a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
