import { describe, expect, it } from 'vitest';

import { ALL_FEATURES, configOf, GOOD } from './support.ts';

describe('defaults', () => {
  it('are those of the contract', () => {
    expect(configOf({ env: GOOD })).toEqual({
      scopes: [{ repo: 'o/r' }],
      auth: { kind: 'token', tokenFile: '/token' },
      apiUrl: 'https://api.github.com',
      maxConcurrent: 7,
      pollIntervalMs: 10_000,
      startupTimeoutMs: 300_000,
      idleTimeoutMs: 300_000,
      jobTimeoutMs: 7_200_000,
      classes: [
        {
          name: 'default',
          labels: ['self-hosted', 'ci', 'nix', 'x64', 'Linux'],
          max: 7,
          jobTimeoutMs: 7_200_000,
          containerSystem: null,
          containerTemplate: null,
          limits: {},
          privateUsers: false,
        },
      ],
      runnerGroup: 'Default',
      namePrefix: 'ci01',
      registration: 'jit',
      engine: { kind: 'process', command: 'run-one-job' },
      subnets: Array.from({ length: 100 }, (_, index) => 100 + index),
      minFreeDisk: 2_147_483_648,
      network: 'engine',
      stateDir: '/var/lib/runner-controller',
      runtimeDir: '/run/runner-controller',
      http: { host: '127.0.0.1', port: 8080 },
      log: { level: 'info', format: 'json' },
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
    expect(configOf({ env: GOOD, host: { stdoutIsTTY: true } }).log.format).toBe('pretty');
  });

  it.each([
    ['ci01.example.org', 'ci01-example-org'],
    ['höst_1', 'h-st-1'],
    ['a'.repeat(64), 'a'.repeat(40)],
    ['', 'host'],
  ])('makes the host name %j the prefix %j', (hostname, prefix) => {
    expect(configOf({ env: GOOD, host: { hostname } }).namePrefix).toBe(prefix);
  });

  it('treats a given prefix like a host name', () => {
    expect(configOf({ env: { ...GOOD, RUNNER_NAME_PREFIX: 'my runner' } }).namePrefix).toBe('my-runner');
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
      apiUrl: 'https://ghe.example.org/api/v3',
      maxConcurrent: 3,
      pollIntervalMs: 2000,
      jobTimeoutMs: 60_000,
      startupTimeoutMs: 61_000,
      idleTimeoutMs: 62_000,
      classes: [{ name: 'default', labels: ['self-hosted', 'GPU'], max: 3, jobTimeoutMs: 60_000 }],
      runnerGroup: 'Big ones',
      registration: 'token',
      subnets: [7, 3, 4, 5],
      minFreeDisk: 0,
      stateDir: '/state',
      runtimeDir: '/rt',
      http: { host: '::1', port: 0 },
      log: { level: 'debug', format: 'pretty' },
      warnings: [],
    });
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
    expect(configOf({ env: { ...GOOD, GITHUB_API_URL: url } })).toMatchObject({ apiUrl: url, warnings: [] });
  });
});
