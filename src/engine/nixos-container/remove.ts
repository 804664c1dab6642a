import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError } from '../../core/errors.ts';
import { removeHostileTree } from '../machine/remove.ts';
import { CONTAINERS_DIR, GCROOTS_DIR, PROFILES_DIR } from '../names-in-use.ts';
import { confPath } from './conf.ts';
import { removeDropIns } from './drop-in.ts';

const JOURNAL_DIR = '/var/log/journal';

/**
 * Removes what `nixos-container destroy` leaves, whatever its exit status said: the root directory when something in
 * it was immutable, and what it does not know of. Verified; absent is success.
 */
export async function removeNixosRemains(name: string, signal: AbortSignal): Promise<void> {
  const root = join(CONTAINERS_DIR, name);
  for (const path of [root, join(PROFILES_DIR, name), join(GCROOTS_DIR, name)])
    await removeHostileTree(path, signal);
  await rm(confPath(name), { force: true });
  await rm(join(CONTAINERS_DIR, `.#${name}.lck`), { force: true });
  await removeJournalLinks(root);
  await removeDropIns(name);
  const left = [root, join(PROFILES_DIR, name), join(GCROOTS_DIR, name), confPath(name)].filter(exists);
  if (left.length > 0)
    throw new EngineError('failed', `not everything of ${name} could be removed: ${left.join(', ')}`);
}

/** `--link-journal=try-guest` leaves one dangling link per container. */
async function removeJournalLinks(root: string): Promise<void> {
  for (const entry of list(JOURNAL_DIR)) {
    const path = join(JOURNAL_DIR, entry);
    if (targetOf(path)?.startsWith(`${root}/`) === true) await rm(path, { force: true });
  }
}

/** Null: no link. */
function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
