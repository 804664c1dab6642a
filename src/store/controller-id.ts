import { randomInt } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode } from '../core/errors.ts';
import { syncDirectory, writeDurably } from './files.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 16;

/** The file of the controller id exists and cannot be used. */
export class ControllerIdError extends Error {
  override readonly name = 'ControllerIdError';

  constructor(path: string, what: string, cause?: unknown) {
    super(
      `${path} ${what}: it must hold one line of at least 8 characters [a-z0-9]. Restore it from a backup; ` +
        'without one, delete it and a new id is made, but containers and runners that carry the old id are then not recognised',
      cause === undefined ? undefined : { cause },
    );
  }
}

/** The id of this state directory's controller, or null while it has none. Changes nothing. */
export async function readControllerId(stateDir: string): Promise<string | null> {
  const path = join(stateDir, 'controller-id');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new ControllerIdError(path, 'cannot be read', error);
  }
  const id = text.replace(/\n$/, '');
  if (!/^[a-z0-9]{8,64}$/.test(id)) throw new ControllerIdError(path, 'does not hold a controller id');
  return id;
}

/**
 * The id of this state directory's controller, made on first use. `[a-z0-9]`, at least 8 characters; marks on
 * containers and the names of runners say with it whose they are, so it never changes.
 */
export async function loadControllerId(stateDir: string): Promise<string> {
  const known = await readControllerId(stateDir);
  if (known !== null) return known;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, 'controller-id');
  const id = newId();
  const aside = `${path}.${id}.next`;
  try {
    await writeDurably(aside, `${id}\n`);
    // A link never replaces a file, so several controllers that start at once end up with the same id.
    await link(aside, path);
  } catch (error) {
    // Another controller has made the id: it exists (EEXIST), or ours was swept up before it was linked (ENOENT).
    if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error;
  }
  await sweep(stateDir);
  await syncDirectory(stateDir);
  const made = await readControllerId(stateDir);
  if (made === null) throw new ControllerIdError(path, 'vanished while it was made');
  return made;
}

/** Removes the files that were written aside, those of others too: once there is an id, nobody needs them. */
async function sweep(stateDir: string): Promise<void> {
  const names = await readdir(stateDir);
  const left = names.filter((name) => /^controller-id\.[a-z0-9]+\.next$/.test(name));
  await Promise.all(left.map((name) => rm(join(stateDir, name), { force: true })));
}

function newId(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}
