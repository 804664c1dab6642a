import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode } from '../core/errors.ts';
import { replaceDurably, syncDirectory } from './files.ts';

/** Whether the operator asked to take no new jobs: the file `STATE_DIR/draining` exists. */
export async function isDraining(stateDir: string): Promise<boolean> {
  try {
    await access(pathOf(stateDir));
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Sets or clears it. Once resolved, it survives a power cut. Setting it twice does no harm. */
export async function setDraining(stateDir: string, draining: boolean): Promise<void> {
  if (draining) {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    await replaceDurably(pathOf(stateDir), '');
  } else if (await isDraining(stateDir)) {
    await rm(pathOf(stateDir), { force: true });
    await syncDirectory(stateDir);
  }
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'draining');
}
