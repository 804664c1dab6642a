import { describe, expect, it } from 'vitest';

import { ALL_FEATURES, configOf, GOOD } from './support.ts';

describe('defaults', () => {
  it('are those of the contract', () => {
    expect(configOf({ env: GOOD })).toEqual({
      scopes: [{ repo: 'o/r' }],
      auth: { kind: 'token', tokenFile: '/token' },
      githubApiUrl: 'https://api.github.com',
      maxConcurrent: 7,
      pollInterval: 10_000,
      runnerStartupTimeout: 300_000,
      runnerIdleTimeout: 300_000,
      jobTimeout: 7_200_000,
      classes: [
        {
          name: 'default',
          labels: ['self-hosted', 'ci', 'nix', 'x64', 'Linux'],
          max: 7,
          jobTimeout: 7_200_000,
          containerSystem: null,
          containerTemplate: null,
          limits: {},
          privateUsers: false,
          maxPerRepository: null,
          nix: 'host',
          scaleSet: null,
          minIdle: 0,
        },
      ],
      runnerGroup: 'Default',
      runnerNamePrefix: 'ci01',
      registration: 'jit',
      engine: { kind: 'process', command: 'run-one-job' },
      subnets: Array.from({ length: 100 }, (_, index) => 100 + index),
      minFreeDisk: 2_147_483_648,
      networkIsolation: 'on',
      network: 'engine',
      stateDir: '/var/lib/runner-controller',
      runtimeDir: '/run/runner-controller',
      httpHost: '127.0.0.1',
      httpPort: 8080,
      logLevel: 'info',
      logFormat: 'json',
      httpAllowedHosts: null,
      webhookSecretFile: null,
      webhookHost: '127.0.0.1',
      webhookPort: null,
      historyDays: 30,
      keepLogsDays: 7,
      keepLogsBytes: 1_073_741_824,
      warnings: [],
    });
  });

  it('is the nixos-container engine with the template, once the version has it', () => {
    const { engine, classes } = configOf({
      env: { GITHUB_REPO: 'o/r', GITHUB_TOKEN_FILE: '/token' },
      unsupported: ALL_FEATURES,
    });
    expect(engine).toEqual({ kind: 'nixos-container', bin: 'nixos-container' });
    expect(classes[0]?.containerTemplate).toBe('/etc/nixos/ci-container-template.nix');
  });

  it('names the labels after the processor', () => {
    const { classes } = configOf({ env: GOOD, host: { arch: 'arm64' } });
    expect(classes[0]?.labels).toEqual(['self-hosted', 'ci', 'nix', 'ARM64', 'Linux']);
  });

  it('logs prettily to a terminal', () => {
    expect(configOf({ env: GOOD, host: { stdoutIsTTY: true } }).logFormat).toBe('pretty');
  });

  it.each([
    ['ci01.example.org', 'ci01-example-org'],
    ['höst_1', 'h-st-1'],
    ['a'.repeat(64), 'a'.repeat(40)],
    ['', 'host'],
  ])('makes the host name %j the prefix %j', (hostname, prefix) => {
    expect(configOf({ env: GOOD, host: { hostname } }).runnerNamePrefix).toBe(prefix);
  });

  it('treats a given prefix like a host name', () => {
    expect(configOf({ env: { ...GOOD, RUNNER_NAME_PREFIX: 'my runner' } }).runnerNamePrefix).toBe(
      'my-runner',
    );
  });

  it.each([
    [{ HOME: '/home/u' }, '/home/u/.local/state/runner-controller', '/tmp/runner-controller-1000'],
    [
      { HOME: '/home/u', XDG_STATE_HOME: '/s', XDG_RUNTIME_DIR: '/run/user/1000' },
      '/s/runner-controller',
      '/run/user/1000/runner-controller',
    ],
    [
      { HOME: '/home/u', XDG_STATE_HOME: 'relative', XDG_RUNTIME_DIR: '' },
      '/home/u/.local/state/runner-controller',
      '/tmp/runner-controller-1000',
    ],
  ])('keeps state and sockets of a user with %j apart from root', (home, stateDir, runtimeDir) => {
    const config = configOf({ env: { ...GOOD, ...home }, host: { uid: 1000 } });
    expect([config.stateDir, config.runtimeDir]).toEqual([stateDir, runtimeDir]);
  });

  it('takes an empty variable as unset', () => {
    const env = { ...GOOD, MAX_CONCURRENT: '', GITHUB_ORG: '', RUNNER_LABELS: '', GITHUB_APP_ID: '' };
    expect(configOf({ env })).toEqual(configOf({ env: GOOD }));
  });
});

describe('values', () => {
  it('are all taken from the environment', () => {
    const config = configOf({
      env: {
        ...GOOD,
        GITHUB_API_URL: 'https://ghe.example.org/api/v3/',
        MAX_CONCURRENT: '3',
        POLL_INTERVAL: '2',
        JOB_TIMEOUT: '60',
        RUNNER_STARTUP_TIMEOUT: '61',
        RUNNER_IDLE_TIMEOUT: '62',
        RUNNER_LABELS: 'self-hosted,GPU,gpu',
        RUNNER_GROUP: 'Big ones',
        REGISTRATION: 'token',
        SUBNETS: '192.168.7,192.168.3-5,192.168.4',
        MIN_FREE_DISK: '0',
        STATE_DIR: '/state/',
        RUNTIME_DIR: '/run/../rt',
        HTTP_HOST: '::1',
        HTTP_PORT: '0',
        LOG_LEVEL: 'debug',
        LOG_FORMAT: 'pretty',
      },
    });
    expect(config).toMatchObject({
      githubApiUrl: 'https://ghe.example.org/api/v3',
      maxConcurrent: 3,
      pollInterval: 2000,
      jobTimeout: 60_000,
      runnerStartupTimeout: 61_000,
      runnerIdleTimeout: 62_000,
      classes: [{ name: 'default', labels: ['self-hosted', 'GPU'], max: 3, jobTimeout: 60_000 }],
      runnerGroup: 'Big ones',
      registration: 'token',
      subnets: [7, 3, 4, 5],
      minFreeDisk: 0,
      stateDir: '/state',
      runtimeDir: '/rt',
      httpHost: '::1',
      httpPort: 0,
      logLevel: 'debug',
      logFormat: 'pretty',
      warnings: [],
    });
  });

  it.each<[given: string | number, seconds: number]>([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['7d', 604_800],
    ['007m', 420],
  ])('JOB_TIMEOUT=%s is %d s', (given, seconds) => {
    expect(configOf({ env: { ...GOOD, JOB_TIMEOUT: String(given) } }).jobTimeout).toBe(seconds * 1000);
  });

  it('takes durations with a unit in the file, and for a class', () => {
    const classes = [{ name: 'a', labels: ['x'], jobTimeout: '3h' }];
    const config = configOf({ env: GOOD, file: { pollInterval: '1m', classes } });
    expect(config).toMatchObject({ pollInterval: 60_000, classes: [{ jobTimeout: 10_800_000 }] });
  });

  it.each([
    [
      'GITHUB_TOKEN_FILE',
      '/open-token',
      'GITHUB_TOKEN_FILE: "/open-token" can be read by every user (mode 0644), chmod 600 it',
    ],
    [
      'GITHUB_API_URL',
      'http://ghe/api/v3',
      'GITHUB_API_URL: "http://ghe/api/v3" sends the token unencrypted, use https://',
    ],
    [
      'GITHUB_API_URL',
      'http://127.0.0.1.evil.example',
      'GITHUB_API_URL: "http://127.0.0.1.evil.example" sends the token unencrypted, use https://',
    ],
    ['SUBNETS', '192.168.1-2', 'SUBNETS: 2 subnets for MAX_CONCURRENT 7: no more than 2 at once'],
  ])('%s=%s draws a warning', (name, value, warning) => {
    expect(configOf({ env: { ...GOOD, [name]: value } }).warnings).toEqual([warning]);
  });

  it('needs as many subnets as containers, not more', () => {
    expect(configOf({ env: { ...GOOD, SUBNETS: '192.168.1-7' } }).warnings).toEqual([]);
  });

  it.each(['http://127.0.0.1:9999', 'http://localhost/api/v3', 'http://[::1]:1'])('%s draws none', (url) => {
    expect(configOf({ env: { ...GOOD, GITHUB_API_URL: url } })).toMatchObject({
      githubApiUrl: url,
      warnings: [],
    });
  });
});
