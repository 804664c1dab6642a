import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { isDraining, setDraining } from '../../src/store/drain.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

describe('drain flag', () => {
  it('is off at first, also where there is no state directory yet', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    expect(await isDraining(stateDir)).toBe(false);
    await setDraining(stateDir, false);
    expect(await isDraining(stateDir)).toBe(false);
  });

  it('is set and cleared, each as often as one likes, and is one file', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    await setDraining(stateDir, true);
    await setDraining(stateDir, true);
    expect(await isDraining(stateDir)).toBe(true);
    expect(await readdir(stateDir)).toEqual(['draining']);
    await setDraining(stateDir, false);
    await setDraining(stateDir, false);
    expect(await isDraining(stateDir)).toBe(false);
    expect(await readdir(stateDir)).toEqual([]);
  });

  it('is not off only because it cannot be read', async () => {
    const noDirectory = join(await makeTempDirectory(), 'state');
    await writeFile(noDirectory, '');
    await expect(isDraining(noDirectory)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is set over what a crash left aside', async () => {
    const stateDir = await makeTempDirectory();
    await writeFile(join(stateDir, 'draining.next'), 'half');
    await setDraining(stateDir, true);
    expect(await readdir(stateDir)).toEqual(['draining']);
  });
});
