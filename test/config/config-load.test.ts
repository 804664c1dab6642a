import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadConfig, loadLocalConfig, rootProblem } from '../../src/config/config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { GOOD, HOST } from './support.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rc-config-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(name: string, content: string, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function env(tokenFile: string): Record<string, string> {
  return { ...GOOD, GITHUB_TOKEN_FILE: tokenFile };
}

describe('loadConfig', () => {
  it('reads the file that RUNNER_CONTROLLER_CONFIG names, or rather --config', () => {
    const token = write('token', 'ghp_x\n');
    const named = write('a.json', '{"pollInterval": 5}');
    const argued = write('b.json', '{"pollInterval": 6}');
    const both = { ...env(token), RUNNER_CONTROLLER_CONFIG: named };
    expect(loadConfig(undefined, env(token), HOST).pollInterval).toBe(10_000);
    expect(loadConfig(undefined, both, HOST).pollInterval).toBe(5000);
    expect(loadConfig(argued, both, HOST).pollInterval).toBe(6000);
  });

  it.each([
    ['gone.json', 'it does not exist'],
    ['.', 'it is a directory'],
  ])('says why it cannot read %s', (name, why) => {
    const path = join(dir, name);
    const load = (variables: Record<string, string>) => () =>
      loadConfig(undefined, { ...variables, RUNNER_CONTROLLER_CONFIG: path }, HOST);
    const line = `RUNNER_CONTROLLER_CONFIG: given "${path}", expected a readable JSON file: ${why}`;
    expect(load(env(write('token', 'ghp_x')))).toThrow(line);
    expect(load({})).toThrow(`the configuration has a problem:\n  - ${line}`);
  });

  it.each([
    ['empty', ' \n', 'it is empty'],
    ['two lines', 'ghp_aaa\nghp_bbb\n', 'it has more than one line'],
    ['not ASCII', 'ghp_ä', 'it holds characters that no token has'],
    ['huge', 'x'.repeat(65_537), 'it is larger than 65536 bytes'],
  ])('refuses a token file that is %s, without showing it', (_, content, why) => {
    const path = write('token', content);
    expect(() => loadConfig(undefined, env(path), HOST)).toThrow(
      `the configuration has a problem:\n  - GITHUB_TOKEN_FILE: given "${path}", expected a file that holds a GitHub token: ${why}`,
    );
  });

  it('refuses a directory for a token file', () => {
    mkdirSync(join(dir, 'token'));
    expect(() => loadConfig(undefined, env(join(dir, 'token')), HOST)).toThrow('it is not a regular file');
  });

  it('warns of a token file that others can read', () => {
    const path = write('token', 'ghp_x', 0o644);
    expect(loadConfig(undefined, env(path), HOST).warnings).toEqual([
      `GITHUB_TOKEN_FILE: "${path}" can be read by every user (mode 0644), chmod 600 it`,
    ]);
    chmodSync(path, 0o640);
    expect(loadConfig(undefined, env(path), HOST).warnings).toEqual([]);
  });

  it('looks for the template and the OS tree on the disk', () => {
    const token = write('token', 'ghp_x');
    const load = (more: Record<string, string>) => () =>
      loadConfig(undefined, { ...env(token), ...more }, HOST);
    expect(load({ ENGINE: 'nspawn', NSPAWN_ROOTFS: token })).toThrow('it is not a directory');
    expect(load({ ENGINE: 'nixos-container', CONTAINER_TEMPLATE: dir })).toThrow('it is not a file');
    expect(load({ ENGINE: 'nixos-container', CONTAINER_SYSTEM: join(dir, 'gone') })).toThrow(
      `given "${join(dir, 'gone')}", expected the path of a prebuilt container system: it does not exist`,
    );
  });
});

describe('loadLocalConfig', () => {
  it('needs no GitHub settings and looks at no others', () => {
    const file = write('a.json', '{"stateDir": "/s", "httpPort": 9, "unknown": 1, "engine": "docker"}');
    expect(loadLocalConfig(file, { MAX_CONCURRENT: 'x', HTTP_HOST: '::1' }, HOST)).toEqual({
      stateDir: '/s',
      runtimeDir: '/run/runner-controller',
      httpHost: '::1',
      httpPort: 9,
      logLevel: 'info',
      logFormat: 'json',
    });
  });

  it('reports what is wrong with its own', () => {
    expect(() => loadLocalConfig(undefined, { HTTP_PORT: '-1', STATE_DIR: 'x' }, HOST)).toThrow(
      [
        'the configuration has 2 problems:',
        '  - STATE_DIR: given "x", expected an absolute path',
        '  - HTTP_PORT: given "-1", expected a whole number from 0 to 65535',
      ].join('\n'),
    );
    expect(() => loadLocalConfig(write('bad.json', '{'), {}, HOST)).toThrow('it is not valid JSON');
  });
});

describe('rootProblem', () => {
  it('holds for the real engines only', () => {
    const nspawn = { engine: { kind: 'nspawn', rootfs: '/tree' } } as const;
    expect(rootProblem(nspawn, 0)).toBeNull();
    expect(rootProblem({ engine: { kind: 'process', command: 'x' } }, 1000)).toBeNull();
    const problem = rootProblem(nspawn, 1000);
    expect(problem && describeProblem(problem)).toBe(
      'ENGINE: given "nspawn" as user 1000, expected root: start the controller as root, or set ENGINE=process',
    );
  });
});
