/** For every file of tests that start processes: a directory of its own, and after it neither that nor a process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';

import { descendants, killAll, processesNaming } from '../processes.ts';

const directory = mkdtempSync(join(inject('runDirectory'), 'f-'));
process.env['TMPDIR'] = directory;

// A test that ran out of time goes on and holds what it would have ended.
afterAll(async () => {
  await killAll(() => [...descendants(), ...processesNaming(directory)]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});
