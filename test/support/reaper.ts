/**
 * Outlives a test run, however that ends: `reaper.js DIRECTORY` waits until its standard input is closed, which the
 * kernel does for a process that was killed, and then ends what was told of the directory and removes it.
 */
import { rm } from 'node:fs/promises';

import { killAll, processesNaming } from './processes.ts';

// An interrupt goes to the whole group, and this is for what comes after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const [directory = ''] = process.argv.slice(2);
for await (const _ of process.stdin);
if (directory !== '') {
  await killAll(() => processesNaming(directory));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
