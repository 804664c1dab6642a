import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { ControllerIdError, loadControllerId, readControllerId } from '../../src/store/controller-id.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

describe('controller id', () => {
  it('is absent until it is made, and to read it makes nothing', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    expect(await readControllerId(stateDir)).toBeNull();
    await expect(stat(stateDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is made once, in its form, readable by its owner only, and nothing is left beside it', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    const id = await loadControllerId(stateDir);
    expect(id).toMatch(/^[a-z0-9]{8,}$/);
    expect(await loadControllerId(stateDir)).toBe(id);
    expect(await readControllerId(stateDir)).toBe(id);
    expect(await readdir(stateDir)).toEqual(['controller-id']);
    expect((await stat(join(stateDir, 'controller-id'))).mode & 0o777).toBe(0o600);
  });

  it('is one for all who come first at once, and what a crash left aside goes', async () => {
    const stateDir = await makeTempDirectory();
    await writeFile(join(stateDir, 'controller-id.abc.next'), 'ab');
    const ids = await Promise.all(Array.from({ length: 20 }, () => loadControllerId(stateDir)));
    expect(new Set(ids).size).toBe(1);
    expect(await readdir(stateDir)).toEqual(['controller-id']);
  });

  it('is another one for another directory', async () => {
    const root = await makeTempDirectory();
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => loadControllerId(join(root, name))));
    expect(new Set(ids).size).toBe(3);
  });

  it('is accepted as an operator may have written it', async () => {
    const stateDir = await makeTempDirectory();
    await writeFile(join(stateDir, 'controller-id'), 'abcd1234');
    expect(await loadControllerId(stateDir)).toBe('abcd1234');
  });

  it.each(['', '\n', 'short12', 'Has-Capitals', 'two words', 'abcd1234\nabcd1234\n', 'a'.repeat(65)])(
    'refuses %j, says what to do, and leaves it',
    async (content) => {
      const stateDir = await makeTempDirectory();
      const path = join(stateDir, 'controller-id');
      await writeFile(path, content);
      await expect(loadControllerId(stateDir)).rejects.toBeInstanceOf(ControllerIdError);
      await expect(readControllerId(stateDir)).rejects.toThrow(
        `${path} does not hold a controller id: it must hold one line of at least 8 characters [a-z0-9]. Restore it`,
      );
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  it('refuses what cannot be read', async () => {
    const stateDir = await makeTempDirectory();
    await mkdir(join(stateDir, 'controller-id'));
    await expect(loadControllerId(stateDir)).rejects.toThrow('cannot be read');
  });
});
