import { describe, expect, it } from 'vitest';

import { ConfigError, parseConfig } from '../../src/config/config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { ALL_FEATURES, configOf, GOOD, HOST, probeOf, problemsOf } from './support.ts';

const POLL = 'a whole number of seconds from 1 to 3600, or a whole number with s, m, h or d';
const TIMEOUT = 'a whole number of seconds from 1 to 604800, or a whole number with s, m, h or d';
const MAX = 'a whole number from 1 to 100';
const TOKEN_PATH = 'the absolute path of a file that holds a GitHub token';
const REPO = 'owner/repo, for example octo/widgets';
const LABEL = 'labels without a comma or a space, written a,b,c';
const SUBNETS = 'ranges 192.168.A-B or 192.168.A separated by commas, with 0 <= A <= B <= 255';
const API = 'https://api.github.com or https://HOST/api/v3, without user name, query or fragment';
const DIR = 'an absolute path without a space, :, % or $';
const ADDRESS = 'an address or host name without a port, such as 127.0.0.1 or ::1';
const ONE_SCOPE = 'exactly one of GITHUB_REPO, GITHUB_ORG, or scopes in the file';
const LONG = 'l'.repeat(257);
const NOT_HERE = { GITHUB_REPO: '' };

function withClass(more: object): { readonly classes: readonly object[] } {
  return { classes: [{ name: 'a', labels: ['x'], ...more }] };
}

describe('a bad variable gets one line that says what to write instead', () => {
  it.each<[name: string, value: string, given: string, expected: string]>([
    ['GITHUB_REPO', 'widgets', '"widgets"', REPO],
    ['GITHUB_REPO', 'https://github.com/o/r', '"https://github.com/o/r"', REPO],
    ['GITHUB_REPO', 'o/r/x', '"o/r/x"', REPO],
    ['GITHUB_REPO', 'o/..', '"o/.."', REPO],
    ['GITHUB_REPO', 'o/r.git', '"o/r.git"', REPO],
    ['GITHUB_REPO', 'o/r\n', String.raw`"o/r\n"`, REPO],
    ['GITHUB_TOKEN_FILE', 'token.txt', 'no absolute path (not shown)', TOKEN_PATH],
    ['GITHUB_TOKEN_FILE', '/gone', '"/gone"', 'a file that holds a GitHub token: it does not exist'],
    ['GITHUB_TOKEN_FILE', '/empty', '"/empty"', 'a file that holds a GitHub token: it is empty'],
    ['GITHUB_API_URL', 'api.github.com', '"api.github.com"', API],
    ['GITHUB_API_URL', 'ftp://host', '"ftp://host"', API],
    ['GITHUB_API_URL', 'https://github.com/o/r', '"https://github.com/o/r"', API],
    ['GITHUB_API_URL', 'https://u:secret@host/api/v3', '[redacted]', API],
    ['GITHUB_API_URL', 'https://host/api/v3?key=secret', '[redacted]', API],
    ['MAX_CONCURRENT', '0', '"0"', MAX],
    ['MAX_CONCURRENT', '101', '"101"', MAX],
    ['MAX_CONCURRENT', '1e1', '"1e1"', MAX],
    ['MAX_CONCURRENT', '0x10', '"0x10"', MAX],
    ['MAX_CONCURRENT', '7.5', '"7.5"', MAX],
    ['MAX_CONCURRENT', ' 7', '" 7"', MAX],
    ['MAX_CONCURRENT', '-7', '"-7"', MAX],
    ['MAX_CONCURRENT', 'many', '"many"', MAX],
    ['POLL_INTERVAL', '0', '"0"', POLL],
    ['POLL_INTERVAL', '3601', '"3601"', POLL],
    ['POLL_INTERVAL', '61m', '"61m"', POLL],
    ['POLL_INTERVAL', '0s', '"0s"', POLL],
    ['POLL_INTERVAL', '10S', '"10S"', POLL],
    ['POLL_INTERVAL', '10 s', '"10 s"', POLL],
    ['POLL_INTERVAL', '1.5h', '"1.5h"', POLL],
    ['POLL_INTERVAL', '1h30m', '"1h30m"', POLL],
    ['POLL_INTERVAL', 's', '"s"', POLL],
    ['JOB_TIMEOUT', '8d', '"8d"', TIMEOUT],
    ['JOB_TIMEOUT', '999999999999999999d', '"999999999999999999d"', TIMEOUT],
    ['JOB_TIMEOUT', '604801', '"604801"', TIMEOUT],
    ['RUNNER_STARTUP_TIMEOUT', '0', '"0"', TIMEOUT],
    ['RUNNER_IDLE_TIMEOUT', '0', '"0"', TIMEOUT],
    ['RUNNER_LABELS', 'a,b c', 'the label "b c"', LABEL],
    ['RUNNER_LABELS', 'a, b', 'the label " b"', LABEL],
    ['RUNNER_LABELS', 'a,,b', 'the label ""', 'labels that are not empty'],
    ['RUNNER_LABELS', ',', 'the label ""', 'labels that are not empty'],
    ['RUNNER_LABELS', `a,${LONG}`, `the label "${'l'.repeat(100)}…"`, 'labels of at most 256 characters'],
    ['RUNNER_LABELS', Array.from({ length: 101 }, (_, n) => n).join(','), '101 labels', 'at most 100 labels'],
    ['RUNNER_GROUP', 'a\u009bb', String.raw`"a\u{9b}b"`, 'up to 128 printable characters'],
    ['REGISTRATION', 'JIT', '"JIT"', 'one of jit, token'],
    ['ENGINE', 'docker', '"docker"', 'one of nixos-container, nspawn, process'],
    ['SUBNETS', '10.0.0.0/8', '"10.0.0.0/8"', SUBNETS],
    ['SUBNETS', '192.168.9-3', '"192.168.9-3"', SUBNETS],
    ['SUBNETS', '192.168.200-256', '"192.168.200-256"', SUBNETS],
    ['SUBNETS', '192.168.1,', '"192.168.1,"', SUBNETS],
    ['SUBNETS', '192.168.1, 192.168.2', '"192.168.1, 192.168.2"', SUBNETS],
    ['MIN_FREE_DISK', '2G', '"2G"', 'a whole number of bytes of at least 0'],
    ['MIN_FREE_DISK', '9007199254740992', '"9007199254740992"', 'a whole number of bytes of at least 0'],
    ['STATE_DIR', 'state', '"state"', 'an absolute path'],
    ['STATE_DIR', '/my state', '"/my state"', DIR],
    ['STATE_DIR', '/a%b', '"/a%b"', DIR],
    ['RUNTIME_DIR', '/a:b', '"/a:b"', DIR],
    ['RUNTIME_DIR', '/a$b', '"/a$b"', DIR],
    [
      'RUNTIME_DIR',
      `/${'r'.repeat(90)}`,
      `"/${'r'.repeat(90)}"`,
      'an absolute path of at most 90 bytes, not 91',
    ],
    [
      'RUNTIME_DIR',
      `/${'ä'.repeat(45)}`,
      `"/${'ä'.repeat(45)}"`,
      'an absolute path of at most 90 bytes, not 91',
    ],
    ['HTTP_HOST', '127.0.0.1:80', '"127.0.0.1:80"', ADDRESS],
    ['HTTP_HOST', '[::1]', '"[::1]"', ADDRESS],
    ['HTTP_PORT', '65536', '"65536"', 'a whole number from 0 to 65535'],
    ['LOG_LEVEL', 'loud', '"loud"', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['LOG_FORMAT', 'xml', '"xml"', 'one of json, pretty'],
    ['PROCESS_RUNNER', '  ', '"  "', 'a shell command that runs one job'],
  ])('%s=%j', (name, value, given, expected) => {
    expect(problemsOf({ env: { ...GOOD, [name]: value } })).toEqual([
      `${name}: given ${given}, expected ${expected}`,
    ]);
  });

  it('takes a runtime directory of exactly 90 bytes', () => {
    const path = `/${'r'.repeat(89)}`;
    expect(configOf({ env: { ...GOOD, RUNTIME_DIR: path } }).runtimeDir).toBe(path);
  });
});

describe('what is missing or said twice', () => {
  it.each<[says: string, env: Record<string, string>, problems: string[]]>([
    ['no repository', { GITHUB_REPO: '' }, [`GITHUB_REPO: not set, expected owner/repo: ${ONE_SCOPE}`]],
    [
      'no credential',
      { GITHUB_TOKEN_FILE: '' },
      ['GITHUB_TOKEN_FILE: not set, expected the path of a file that holds a GitHub token'],
    ],
    [
      'no command for the process engine',
      { PROCESS_RUNNER: '' },
      ['PROCESS_RUNNER: not set, expected the shell command that ENGINE=process runs'],
    ],
    [
      'a repository and an organisation',
      { GITHUB_ORG: 'octo' },
      [`GITHUB_REPO, GITHUB_ORG: given more than one of them, expected ${ONE_SCOPE}`],
    ],
    [
      'a token file and an App',
      { GITHUB_APP_ID: '1', GITHUB_APP_INSTALLATION_ID: '2', GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem' },
      [
        'GITHUB_TOKEN_FILE, GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID, GITHUB_APP_PRIVATE_KEY_FILE: ' +
          'given a token file and a GitHub App, expected one of the two',
      ],
    ],
    [
      'half an App',
      { GITHUB_TOKEN_FILE: '', GITHUB_APP_ID: 'my app', GITHUB_APP_INSTALLATION_ID: 'x' },
      [
        'GITHUB_APP_PRIVATE_KEY_FILE: not set, expected a value: a GitHub App needs all three',
        'GITHUB_APP_ID: given "my app", expected an app id (digits) or client id (Iv…)',
        'GITHUB_APP_INSTALLATION_ID: given "x", expected a whole number of at least 1',
      ],
    ],
    [
      'nspawn without a tree',
      { ENGINE: 'nspawn' },
      ['NSPAWN_ROOTFS: not set, expected the OS tree that ENGINE=nspawn boots'],
    ],
    [
      'nspawn with a file for a tree',
      { ENGINE: 'nspawn', NSPAWN_ROOTFS: '/token' },
      ['NSPAWN_ROOTFS: given "/token", expected a directory with an OS tree: it is not a directory'],
    ],
    [
      'a template that does not exist',
      { ENGINE: 'nixos-container', CONTAINER_TEMPLATE: '/gone.nix' },
      [
        'CONTAINER_TEMPLATE: given "/gone.nix", expected the path of a container template, or set CONTAINER_SYSTEM: it does not exist',
      ],
    ],
    [
      'a system that does not exist',
      { ENGINE: 'nixos-container', CONTAINER_SYSTEM: '/nix/store/gone' },
      [
        'CONTAINER_SYSTEM: given "/nix/store/gone", expected the path of a prebuilt container system: it does not exist',
      ],
    ],
    [
      'a relative program',
      { ENGINE: 'nixos-container', NIXOS_CONTAINER_BIN: 'bin/nixos-container' },
      [
        'NIXOS_CONTAINER_BIN: given "bin/nixos-container", expected the name of a program, or its absolute path',
      ],
    ],
  ])('%s', (_, env, problems) => {
    expect(problemsOf({ env: { ...GOOD, ...env }, unsupported: ALL_FEATURES })).toEqual(problems);
  });

  it('asks for a state directory when a user has no home', () => {
    expect(problemsOf({ env: GOOD, host: { uid: 1000 } })).toEqual([
      'STATE_DIR: not set, expected an absolute path, or HOME to derive one from',
    ]);
  });

  it('says so when the template that does not exist is the default one', () => {
    const env = { ...GOOD, ENGINE: '' };
    const bare = parseConfig({ ...HOST, env }, probeOf({ '/token': 'file' }), ALL_FEATURES);
    expect('problems' in bare && bare.problems.map(describeProblem)).toEqual([
      'CONTAINER_TEMPLATE: given "/etc/nixos/ci-container-template.nix" (the default), ' +
        'expected the path of a container template, or set CONTAINER_SYSTEM: it does not exist',
    ]);
  });

  it('ignores a template that the system or the engine makes needless', () => {
    const template = { CONTAINER_TEMPLATE: '/gone.nix' };
    expect(problemsOf({ env: { ...GOOD, ...template } })).toEqual([]);
    const env = { ...GOOD, ...template, ENGINE: 'nixos-container', CONTAINER_SYSTEM: '/nix/store/system' };
    expect(problemsOf({ env, unsupported: ALL_FEATURES })).toEqual([]);
  });
});

describe('who keeps containers apart', () => {
  it('is a word between the module and the program', () => {
    const env = { ...GOOD, RUNNER_CONTROLLER_NETWORK: 'host' };
    expect(configOf({ env }).network).toBe('host');
    expect(problemsOf({ env: { ...env, RUNNER_CONTROLLER_NETWORK: 'none' } })).toEqual([
      'RUNNER_CONTROLLER_NETWORK: given "none", expected one of engine, host',
    ]);
  });
});

describe('features that this version lacks are checked, then refused', () => {
  const ORG = 'a repository, GITHUB_REPO=owner/repo or {"repo": …}: this version cannot watch organisations';
  const NO_APP = 'nothing: this version cannot sign in as a GitHub App, set GITHUB_TOKEN_FILE';

  it.each<[says: string, env: Record<string, string>, problems: string[]]>([
    [
      'an organisation',
      { GITHUB_REPO: '', GITHUB_ORG: 'octo' },
      [`GITHUB_ORG: given "octo", expected ${ORG}`],
    ],
    [
      'an App',
      {
        GITHUB_TOKEN_FILE: '',
        GITHUB_APP_ID: '1',
        GITHUB_APP_INSTALLATION_ID: '2',
        GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem',
      },
      [`GITHUB_APP_ID: given a GitHub App, expected ${NO_APP}`],
    ],
  ])('%s', (_, env, problems) => {
    expect(problemsOf({ env: { ...GOOD, ...env } })).toEqual(problems);
  });

  it('refuses an organisation among the scopes of the file', () => {
    const file = { scopes: [{ repo: 'o/r' }, { org: 'octo' }] };
    expect(problemsOf({ env: { ...GOOD, GITHUB_REPO: '' }, file })).toEqual([
      `scopes[1].org: given "octo", expected ${ORG}`,
    ]);
  });

  it.each<[says: string, env: Record<string, string>, file: unknown, problem: string]>([
    ['open packet rules', { NETWORK_ISOLATION: 'off' }, {}, 'NETWORK_ISOLATION: given "off", expected on'],
    ['other hosts', { HTTP_ALLOWED_HOSTS: 'ci' }, {}, 'HTTP_ALLOWED_HOSTS: given "ci", expected nothing'],
    ['deliveries', { WEBHOOK_PORT: '9' }, {}, 'WEBHOOK_PORT: given "9", expected nothing'],
    ['a history', { HISTORY_DAYS: '3' }, {}, 'HISTORY_DAYS: given "3", expected nothing'],
    ['logs', {}, { keepLogsBytes: 5 }, 'keepLogsBytes: given 5, expected nothing'],
    [
      'an enterprise',
      NOT_HERE,
      { scopes: [{ enterprise: 'e' }] },
      'scopes[0].enterprise: given "e", expected a',
    ],
    [
      "a scope's own group",
      NOT_HERE,
      { scopes: [{ repo: 'o/r', runnerGroup: 'g' }] },
      'scopes[0].runnerGroup: given "g", expected nothing',
    ],
    ['no Nix', {}, withClass({ nix: 'none' }), 'classes[0].nix: given "none", expected host'],
    ['a scale set', {}, withClass({ scaleSet: 's' }), 'classes[0].scaleSet: given "s", expected nothing'],
    ['idle runners', {}, withClass({ minIdle: 1 }), 'classes[0].minIdle: given 1, expected 0'],
    [
      'a share for each repository',
      {},
      withClass({ maxPerRepository: 1 }),
      'classes[0].maxPerRepository: given 1, expected nothing',
    ],
  ])('%s', (_, env, file, problem) => {
    const said = problemsOf({ env: { ...GOOD, ...env }, file });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/: this version |: in this version /);
    expect(said[0]?.startsWith(problem)).toBe(true);
  });

  it('takes what asks for nothing', () => {
    const file = { historyDays: 30, ...withClass({ nix: 'host', minIdle: 0 }) };
    expect(problemsOf({ env: { ...GOOD, NETWORK_ISOLATION: 'on' }, file })).toEqual([]);
  });

  it('checks them all the same', () => {
    const file = { historyDays: 0, ...withClass({ nix: 'all', minIdle: -1 }) };
    expect(problemsOf({ env: GOOD, file })).toEqual([
      'historyDays: given 0, expected a whole number of days from 1 to 3650',
      'classes[0].nix: given "all", expected one of host, none',
      'classes[0].minIdle: given -1, expected a whole number from 0 to 100',
    ]);
  });

  it('accepts each of them once its row is gone', () => {
    const env = {
      GITHUB_ORG: 'octo',
      GITHUB_APP_ID: 'Iv23liABC',
      GITHUB_APP_INSTALLATION_ID: '2',
      GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem',
      ENGINE: 'nspawn',
      NSPAWN_ROOTFS: '/tree',
    };
    expect(configOf({ env, unsupported: ALL_FEATURES })).toMatchObject({
      scopes: [{ org: 'octo' }],
      auth: { kind: 'app', appId: 'Iv23liABC', installationId: 2, privateKeyFile: '/key.pem' },
      engine: { kind: 'nspawn', rootfs: '/tree' },
    });
  });
});

describe('the message', () => {
  it('lists every problem at once', () => {
    const env = { ...GOOD, GITHUB_REPO: 'x', MAX_CONCURRENT: '0', ENGINE: 'docker', LOG_LEVEL: 'loud' };
    const run = () => configOf({ env, file: { pollInterval: '5', pollIntervall: 5 } });
    expect(run).toThrow(ConfigError);
    expect(run).toThrow(
      [
        'the configuration has 6 problems:',
        '  - pollIntervall: given an unknown key, expected perhaps pollInterval',
        `  - GITHUB_REPO: given "x", expected ${REPO}`,
        `  - MAX_CONCURRENT: given "0", expected ${MAX}`,
        `  - pollInterval: given "5", expected ${POLL}`,
        '  - LOG_LEVEL: given "loud", expected one of fatal, error, warn, info, debug, trace, silent',
        '  - ENGINE: given "docker", expected one of nixos-container, nspawn, process',
      ].join('\n'),
    );
  });

  it('belongs to exit code 2', () => {
    const error = new ConfigError([{ setting: 'X', given: null, expected: 'y' }]);
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe('the configuration has a problem:\n  - X: not set, expected y');
  });

  it.each([
    `ghp_${'a'.repeat(36)}`,
    `github_pat_${'b'.repeat(60)}`,
    '0123456789abcdef0123456789abcdef01234567',
    '-----BEGIN RSA PRIVATE KEY-----',
  ])('never repeats %s, wherever it was pasted', (secret) => {
    const names = [
      'GITHUB_REPO',
      'GITHUB_TOKEN_FILE',
      'MAX_CONCURRENT',
      'SUBNETS',
      'STATE_DIR',
      'GITHUB_API_URL',
    ];
    const env = { ...GOOD, ...Object.fromEntries(names.map((name) => [name, secret])) };
    const problems = problemsOf({
      env,
      file: { [secret]: secret, engine: secret, classes: [{ [secret]: 1 }] },
    });
    expect(problems.length).toBeGreaterThanOrEqual(names.length + 2);
    expect(problems.join('\n')).not.toContain(secret);
  });
});
