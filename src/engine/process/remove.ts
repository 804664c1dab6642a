import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError, hasCode } from '../../core/errors.ts';
import type { InstancePaths } from './paths.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Removes what an instance has on the disk, its record last: should this be cut short, what is left still says whose
 * it is. Verified; absent is success.
 */
export async function removeInstance(paths: InstancePaths): Promise<void> {
  await rm(paths.credentials, { recursive: true, force: true });
  const entries = await readdir(paths.root).catch(ignoreAbsent);
  for (const entry of entries ?? []) {
    const path = join(paths.root, entry);
    if (path !== paths.record) await removeTree(path);
  }
  await rm(paths.record, { recursive: true, force: true });
  await rmdir(paths.root).catch(ignoreAbsent);
  for (const path of [paths.root, paths.credentials]) {
    if ((await lstat(path).catch(ignoreAbsent)) !== null)
      throw new EngineError('failed', `${path} is still there`);
  }
}

function ignoreAbsent(error: unknown): null {
  if (hasCode(error, 'ENOENT')) return null;
  throw error;
}
