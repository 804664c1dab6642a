import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory of the running test's own, removed after it. */
export async function makeTempDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rc-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
