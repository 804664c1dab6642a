import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { executable, files, lacks, ROOT, temporary, skipped, PATIENCE } from './support/nix.ts';

const HELPERS = [
  ['runner-status', ['status']],
  ['cleanup-github-runners', ['cleanup', 'runners']],
  ['cleanup-all-containers', ['cleanup', 'containers']],
] as const;

const SHELL = [
  '.ci/run',
  'scripts/check',
  'scripts/test',
  'scripts/test-host',
  ...HELPERS.map(([name]) => `scripts/${name}`),
  ...files('.sh', 'nix', 'test/nix'),
];

describe('shipped helpers', () => {
  it.each(HELPERS)('%s passes its options to the controller, and its exit code back', (name, command) => {
    using directory = temporary();
    executable(join(directory.path, 'runner-controller'), '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n');
    const { status, stdout } = spawnSync(join(ROOT, 'scripts', name), ['--json', 'two words'], {
      encoding: 'utf8',
      ...PATIENCE,
      env: { PATH: `${directory.path}:/usr/bin:/bin` },
    });
    expect({ status, said: stdout.trim().split('\n') }).toEqual({
      status: 3,
      said: [...command, '--json', 'two words'],
    });
  });

  it.each(HELPERS)('%s is three lines', (name) => {
    expect(
      readFileSync(join(ROOT, 'scripts', name), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(3);
  });
});

const noShellcheck = lacks('shellcheck');
describe.skipIf(noShellcheck !== null)(`shellcheck${skipped(noShellcheck)}`, () => {
  it.each(SHELL)('%s', (name) => {
    const { status, stdout } = spawnSync('shellcheck', ['--external-sources', name], {
      cwd: ROOT,
      encoding: 'utf8',
      ...PATIENCE,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

const noShfmt = lacks('shfmt');
describe.skipIf(noShfmt !== null)(`shfmt${skipped(noShfmt)}`, () => {
  it.each(SHELL)('%s', (name) => {
    const { status, stdout } = spawnSync('shfmt', ['-d', '-i', '2', '-ci', '-sr', name], {
      cwd: ROOT,
      encoding: 'utf8',
      ...PATIENCE,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
