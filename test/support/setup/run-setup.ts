/** Once for every run of the tests that start processes: a directory for all that they make, and what cleans up after them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { programPath } from '../program.ts';
import { compilePrograms } from '../programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Every file's temporary directory is below it. */
    readonly runDirectory: string;
  }
}

/** Resolves with what ends the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compilePrograms();
  // Short, because a socket's path below it must be.
  const directory = mkdtempSync(join(tmpdir(), 'rc-'));
  project.provide('runDirectory', directory);
  const reaper = spawn(process.execPath, [programPath('reaper.ts'), directory], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  return async () => {
    const ended = once(reaper, 'exit');
    reaper.stdin.end();
    await ended;
  };
}
