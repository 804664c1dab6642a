import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Sealed } from '../../core/ports.ts';
import type { MachinePaths } from './paths.ts';

/** Writes the file that a container's registration is loaded from, readable for root alone, until `removeCredential`. */
export async function writeCredential(paths: MachinePaths, credential: Sealed): Promise<void> {
  await mkdir(dirname(paths.credential), { recursive: true, mode: 0o700 });
  await rm(paths.credential, { recursive: true, force: true });
  await writeFile(paths.credential, credential.reveal(), { mode: 0o600, flag: 'wx' });
}

/** Absent is success. */
export async function removeCredential(paths: MachinePaths): Promise<void> {
  await rm(paths.credential, { recursive: true, force: true });
}
