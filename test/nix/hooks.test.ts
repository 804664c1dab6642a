import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { has, lacksRoot, ROOT, temporary, skipped, PATIENCE } from './support/nix.ts';

const HOOKS = join(ROOT, 'nix/container/hooks');
const JOB = {
  GITHUB_RUN_ID: '19283746501',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'build-and_test',
  GITHUB_REPOSITORY: 'octo-org/hello.world',
};

function hook(
  name: string,
  signals: string,
  env: Readonly<Record<string, string>> = JOB,
  shell: readonly string[] = ['sh', '-e'],
) {
  const [command = 'sh', ...flags] = shell;
  return spawnSync(command, [...flags, join(HOOKS, `${name}.sh`)], {
    encoding: 'utf8',
    ...PATIENCE,
    env: { PATH: process.env['PATH'], RUNNER_SIGNALS: signals, ...env },
  });
}

function written(signals: string, name: string): unknown {
  return JSON.parse(readFileSync(join(signals, name), 'utf8'));
}

describe("the template's job hooks", () => {
  const shells = [
    ['sh', '-e'],
    ['bash', '-e'],
    ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail'],
  ];

  describe.each(shells.filter(([shell = '']) => has(shell)))('in %s %s', (...shell) => {
    it.each(['started', 'completed'])('%s says which job it is', (name) => {
      using directory = temporary();
      const before = Date.now();
      const { status, stdout, stderr } = hook(
        name,
        directory.path,
        JOB,
        shell.filter((part) => typeof part === 'string'),
      );
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
      expect(readdirSync(directory.path), 'nothing half-written is left').toEqual([name]);
      const { at, ...rest } = written(directory.path, name) as { at: string };
      expect(rest).toEqual({
        run_id: '19283746501',
        run_attempt: '2',
        job: 'build-and_test',
        repository: 'octo-org/hello.world',
      });
      expect(at).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u);
      expect(Math.abs(Date.parse(at) - before)).toBeLessThan(60_000);
    });
  });

  it('writes valid JSON whatever a job calls itself', () => {
    using directory = temporary();
    const hostile = {
      ...JOB,
      GITHUB_JOB: 'a"b\\c\n\u0007$(id)`',
      GITHUB_REPOSITORY: `o/${'r'.repeat(10_000)}`,
    };
    expect(hook('started', directory.path, hostile).status).toBe(0);
    expect(written(directory.path, 'started')).toMatchObject({
      job: 'abcid',
      repository: `o/${'r'.repeat(198)}`,
    });
    expect(readFileSync(join(directory.path, 'started')).length).toBeLessThan(4096);
  });

  it('writes valid JSON when GitHub says nothing', () => {
    using directory = temporary();
    expect(hook('completed', directory.path, {}).status).toBe(0);
    expect(written(directory.path, 'completed')).toMatchObject({ run_id: '', job: '' });
  });

  it('replaces what a job has put there', () => {
    using directory = temporary();
    writeFileSync(join(directory.path, 'completed'), 'forged');
    expect(hook('completed', directory.path).status).toBe(0);
    expect(written(directory.path, 'completed')).toMatchObject({ run_attempt: '2' });
  });

  it.each([
    ['no directory', (path: string) => join(path, 'missing')],
    [
      'a directory in the way of the signal',
      (path: string) => {
        mkdirSync(join(path, 'started/full'), { recursive: true });
        return path;
      },
    ],
  ])('lets the job go on with %s', (_, prepare) => {
    using directory = temporary();
    const { status, stderr } = hook('started', prepare(directory.path));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('lets the job go on when it has broken its own PATH', () => {
    using directory = temporary();
    const { status } = hook('completed', directory.path, { PATH: '/nowhere' }, ['/bin/sh', '-e']);
    expect(status).toBe(0);
  });

  const cannotDrop = lacksRoot();
  it.skipIf(cannotDrop !== null)(`works for any uid in the shared directory${skipped(cannotDrop)}`, () => {
    using directory = temporary();
    chmodSync(directory.path, 0o1777);
    const { status } = hook('started', directory.path, JOB, [
      'setpriv',
      '--reuid=47000',
      '--regid=47000',
      '--clear-groups',
      'sh',
    ]);
    expect(status).toBe(0);
    expect(written(directory.path, 'started')).toMatchObject({ run_id: '19283746501' });
  });
});
