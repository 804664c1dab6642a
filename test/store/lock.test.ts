import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { acquireLock, StateLockedError } from '../../src/store/lock.ts';
import { makeTempDirectory } from '../contract/tmp.ts';
import type { Program } from '../support/program.ts';
import { nodeProgram, programPath } from '../support/program.ts';
import { until } from '../support/wait.ts';

/** A second process that takes the lock, says so, and then waits, or ends when told not to wait. */
async function holder(stateDir: string, ...args: string[]): Promise<Program> {
  const program = nodeProgram([programPath('hold-lock.ts'), stateDir, ...args]);
  onTestFinished(() => program[Symbol.asyncDispose]());
  await until('the lock to be held', () => program.stdout === 'held\n');
  return program;
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
    const program = await holder(stateDir);
    await expect(acquireLock(stateDir)).rejects.toBeInstanceOf(StateLockedError);
    program.signal('SIGKILL');
    await program.ended;
    await using lock = await acquireLock(stateDir);
    expect(lock.stateDir).toBe(stateDir);
  });

  it('does not keep a program alive that has nothing else to do', async () => {
    const program = await holder(await makeTempDirectory(), 'and-end');
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
