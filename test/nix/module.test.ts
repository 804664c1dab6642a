import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/config.ts';
import { HOSTS } from './support/hosts.ts';
import { evaluate, evaluateHosts, host, lacksLibrary, skipped, withLibrary } from './support/nix.ts';
import type { Host } from './support/nix.ts';

const missing = lacksLibrary();

describe.skipIf(missing !== null)(`services.runner-controller${skipped(missing)}`, () => {
  const hosts = missing === null ? evaluateHosts(HOSTS) : ({} as Record<keyof typeof HOSTS, Host>);

  it.each(Object.keys(HOSTS) as (keyof typeof HOSTS)[])('%s: nothing to complain about', (name) => {
    expect({ assertions: hosts[name].assertions, warnings: hosts[name].warnings }).toEqual({
      assertions: [],
      warnings: [],
    });
  });

  it.each(Object.keys(HOSTS).filter((name) => !['off', 'settings'].includes(name)) as (keyof typeof HOSTS)[])(
    '%s: the controller takes what is rendered',
    (name) => {
      const file = { path: '/nix/store/x.json', text: JSON.stringify(hosts[name].settings) };
      const host = { hostname: 'ci01', arch: 'x64', uid: 0, stdoutIsTTY: false };
      const everythingIsThere = { missing: () => null, secret: () => ({ fault: null, mode: 0o600 }) };
      const parsed = parseConfig({ ...host, env: {}, file }, everythingIsThere, {});
      expect('problems' in parsed ? parsed.problems : parsed.config.warnings).toEqual([]);
    },
  );

  it('renders the contract and its defaults from a repository and a token file', () => {
    expect(hosts.smallest.settings).toEqual({
      scopes: [{ repo: 'octo/hello' }],
      githubTokenFile: '/run/secrets/token',
      githubApiUrl: 'https://api.github.com',
      maxConcurrent: 7,
      pollInterval: 10,
      jobTimeout: 7200,
      runnerStartupTimeout: 300,
      runnerIdleTimeout: 300,
      runnerGroup: 'Default',
      runnerNamePrefix: 'nixos',
      registration: 'jit',
      engine: 'nixos-container',
      nixosContainerBin: '/run/current-system/sw/bin/nixos-container',
      subnets: '192.168.100-199',
      minFreeDisk: 2_147_483_648,
      httpHost: '127.0.0.1',
      httpPort: 8080,
      logLevel: 'info',
      logFormat: 'json',
      stateDir: '/var/lib/runner-controller',
      runtimeDir: '/run/runner-controller',
      classes: [
        {
          name: 'default',
          labels: ['self-hosted', 'ci', 'nix', 'x64', 'Linux'],
          max: 7,
          jobTimeout: 7200,
          limits: {},
          privateUsers: false,
          containerSystem: expect.stringMatching(
            /^\/nix\/store\/[a-z0-9]{32}-nixos-system-runner$/u,
          ) as unknown,
        },
      ],
    });
  });

  it.each([
    ['organisation', { scopes: [{ org: 'octo' }], githubAppId: '4711', githubAppInstallationId: 42 }],
    [
      'organisation',
      { githubAppPrivateKeyFile: '/run/secrets/key.pem', githubApiUrl: 'https://github.example.com/api/v3' },
    ],
    ['scopes', { scopes: [{ repo: 'octo/hello' }, { org: 'octo' }] }],
    [
      'numbers',
      { maxConcurrent: 3, pollInterval: 5, jobTimeout: 60, runnerStartupTimeout: 61, runnerIdleTimeout: 62 },
    ],
    ['numbers', { runnerGroup: 'linux', runnerNamePrefix: 'ci01', registration: 'token' }],
    [
      'numbers',
      { subnets: '192.168.40-49,192.168.7', minFreeDisk: 10_737_418_240, httpHost: '::1', httpPort: 9000 },
    ],
    ['nspawn', { engine: 'nspawn', nspawnRootfs: '/srv/tree' }],
    ['settings', { logFormat: 'pretty', brandNew: 1, logLevel: 'info' }],
  ] as const)('%s: renders %o', (name, expected) => {
    expect(hosts[name].settings).toMatchObject(expected);
  });

  it.each([
    ['organisation', 'githubTokenFile'],
    ['nspawn', 'nixosContainerBin'],
  ] as const)('%s: does not render %s', (name, key) => {
    expect(hosts[name].settings).not.toHaveProperty(key);
  });

  it('renders limits in the units of the contract', () => {
    expect(hosts.limits.settings.classes[0]?.['limits']).toEqual({
      cpuPercent: 250,
      memoryMaxBytes: 4_294_967_296,
      memoryHighBytes: 536_870_912,
      tasksMax: 99,
      ioWeight: 7,
    });
    expect(hosts.limits.slice).toEqual({ MemoryMax: 8_589_934_592, MemorySwapMax: 0, CPUQuota: '600%' });
    expect(hosts.smallest.slice).toEqual({});
  });

  it('orders classes and lets them inherit', () => {
    expect(
      hosts.classes.settings.classes.map(({ name, labels, max, jobTimeout, limits, privateUsers }) => ({
        name,
        labels,
        max,
        jobTimeout,
        limits,
        privateUsers,
      })),
    ).toEqual([
      {
        name: 'z',
        labels: ['self-hosted', 'z'],
        max: 7,
        jobTimeout: 100,
        limits: { tasksMax: 1000 },
        privateUsers: '65536:65536',
      },
      {
        name: 'a',
        labels: ['self-hosted', 'a'],
        max: 7,
        jobTimeout: 100,
        limits: { tasksMax: 1000 },
        privateUsers: true,
      },
      {
        name: 'b',
        labels: ['self-hosted', 'b'],
        max: 2,
        jobTimeout: 50,
        limits: { memoryMaxBytes: 1024 },
        privateUsers: false,
      },
    ]);
  });

  it('takes a container system of the operator, and none for a tree', () => {
    expect(hosts.system.settings.classes[0]?.['containerSystem']).toBe(
      '/nix/store/11111111111111111111111111111111-mine',
    );
    expect(hosts.nspawn.settings.classes[0]).not.toHaveProperty('containerSystem');
  });

  it('sets up the host', () => {
    expect(hosts.smallest.enableContainers).toBe(true);
    expect(hosts.nspawn.enableContainers).toBe(false);
    expect(hosts.smallest.inotify).toBe(524_288);
    expect(hosts.ownInotify.inotify).toBe(4096);
    expect(hosts.smallest.tmpfiles).toContain('d /var/lib/nixos-containers 0700 root root -');
    expect(hosts.oldState.tmpfiles).toContain('d /var/lib/containers 0700 root root -');
  });

  it('gives the service its configuration, and secrets by path only', () => {
    const { environment } = hosts.environment.unit;
    expect(environment).toMatchObject({
      NIX_REMOTE: 'daemon',
      RUNNER_CONTROLLER_NETWORK: 'host',
      HTTPS_PROXY: 'http://proxy:3128',
    });
    expect(environment['RUNNER_CONTROLLER_CONFIG']).toMatch(/^\/nix\/store\/[^/]+-runner-controller\.json$/u);
    expect(hosts.smallest.unit.service['ProtectHome']).toBe(true);
    expect(hosts.home.unit.service['ProtectHome'], 'a token below /home stays readable').toBe('read-only');
    expect(hosts.smallest.unit.service).not.toHaveProperty('LoadCredential');
  });

  it('puts the commands on PATH with the service configuration', () => {
    const config = hosts.smallest.unit.environment['RUNNER_CONTROLLER_CONFIG'];
    const names = ['cleanup-all-containers', 'cleanup-github-runners', 'runner-controller', 'runner-status'];
    expect(Object.keys(hosts.smallest.commands).toSorted()).toEqual(names);
    for (const name of names) {
      expect(hosts.smallest.commands[name]).toContain(`RUNNER_CONTROLLER_CONFIG:-${config}`);
      expect(hosts.smallest.commands[name]).toMatch(new RegExp(`exec \\S+/bin/${name} "\\$@"`, 'u'));
    }
  });

  it('does nothing when it is off', () => {
    expect(hosts.off.touched).toEqual({
      commands: 0,
      enableContainers: false,
      inotify: 128,
      nat: false,
      rules: '',
      services: [],
      slices: [],
      tables: [],
      tmpfiles: [],
    });
    expect(hosts.smallest.touched['services']).toEqual(['runner-controller']);
  });

  it('follows the processor', () => {
    const labels = evaluate(
      withLibrary(`map (class: class.labels) (import (path "test/nix/stubs/eval.nix") {
        inherit lib;
        system = "aarch64-linux";
        configuration = ${host()};
      }).settings.classes`),
    );
    expect(labels).toEqual([['self-hosted', 'ci', 'nix', 'ARM64', 'Linux']]);
  });
});
