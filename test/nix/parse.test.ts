import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { files, lacks, NO_STORE, ROOT, skipped } from './support/nix.ts';

const missing = lacks('nix-instantiate');

describe.skipIf(missing !== null)(`every Nix file parses${skipped(missing)}`, () => {
  const sources = ['flake.nix', 'default.nix', ...files('.nix', 'nix', 'examples', 'test/nix')];

  it.each(sources)('%s', (name) => {
    const { status, stderr } = spawnSync('nix-instantiate', ['--parse', name], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, ...NO_STORE },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
