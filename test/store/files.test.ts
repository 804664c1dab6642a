import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempDirectory } from '../contract/tmp.ts';
import { canTrace, traceFileCalls } from '../support/system-calls.ts';

const PROGRAM = fileURLToPath(new URL('programs/save-once.ts', import.meta.url));

describe.skipIf(!canTrace())('the order in which the disk gets what is saved', () => {
  it('is the bytes, then the name, then the directory that holds the name', { timeout: 60_000 }, async () => {
    const root = await makeTempDirectory();
    const stateDir = join(root, 'state');
    const calls = await traceFileCalls(PROGRAM, [stateDir], stateDir, root);
    const told = calls.map(({ name, path }) => {
      const file = path.slice(stateDir.length + 1).replace(/^(controller-id)\.[a-z0-9]+\.next$/, '$1.next');
      return `${name} ${file === '' ? 'the directory' : file}`;
    });
    expect(told).toEqual([
      'write controller-id.next',
      'fsync controller-id.next',
      'link controller-id',
      'unlink controller-id.next',
      'fsync the directory',
      'write state.json.next',
      'fsync state.json.next',
      'rename state.json',
      'fsync the directory',
      // An empty file: there is nothing to write.
      'fsync draining.next',
      'rename draining',
      'fsync the directory',
      'unlink draining',
      'fsync the directory',
    ]);
  });
});
