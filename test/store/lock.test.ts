import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock, StateLockedError } from '../../src/store/lock.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

const PROGRAM = fileURLToPath(new URL('programs/hold-lock.ts', import.meta.url));

/** A second process that takes the lock, says so, and then waits, or ends when told not to wait. */
async function holder(stateDir: string, ...args: string[]): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, stateDir, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('held\n');
  return child;
}

describe('acquireLock', () => {
  it('is refused while held in this process, by whatever name, and free after', async () => {
    const root = await makeTempDirectory();
    const stateDir = join(root, 'made', 'for', 'it');
    {
      await using held = await acquireLock(stateDir);
      expect(held.stateDir).toBe(stateDir);
      await expect(acquireLock(stateDir)).rejects.toBeInstanceOf(StateLockedError);
      await symlink(stateDir, join(root, 'alias'));
      await expect(acquireLock(join(root, 'alias'))).rejects.toBeInstanceOf(StateLockedError);
      await using other = await acquireLock(join(root, 'made'));
      expect(other.stateDir).toBe(join(root, 'made'));
    }
    await using again = await acquireLock(stateDir);
    expect(again.stateDir).toBe(stateDir);
  });

  it('says which directory is held and what to do', async () => {
    const stateDir = await makeTempDirectory();
    await using _held = await acquireLock(stateDir);
    await expect(acquireLock(stateDir)).rejects.toThrow(
      `${stateDir} is held by another running controller: stop that one first, or give this one another STATE_DIR`,
    );
  });

  it('is refused while another process holds it, and free as soon as that is killed', async () => {
    const stateDir = await makeTempDirectory();
    const child = await holder(stateDir);
    await expect(acquireLock(stateDir)).rejects.toBeInstanceOf(StateLockedError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using lock = await acquireLock(stateDir);
    expect(lock.stateDir).toBe(stateDir);
  });

  it('does not keep a program alive that has nothing else to do', async () => {
    const child = await holder(await makeTempDirectory(), 'and-end');
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(0);
  });
});
