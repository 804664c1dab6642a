import { describe, expect, it } from 'vitest';
import {
  evaluate,
  evaluateHosts,
  host,
  hostExpression,
  lacksLibrary,
  processorSeconds,
  skipped,
  withLibrary,
} from './support.ts';
import type { Host } from './support.ts';

const missing = lacksLibrary();

const CONFIGURATIONS = {
  smallest: host(),
  off: '{ services.runner-controller.enable = false; }',
  organisation: `{ services.runner-controller = {
    enable = true;
    org = "octo";
    app = { id = 4711; installationId = 42; privateKeyFile = "/run/secrets/key.pem"; };
    apiUrl = "https://github.example.com/api/v3";
  }; }`,
  scopes: `{ services.runner-controller = {
    enable = true;
    scopes = [ { repo = "octo/hello"; } { org = "octo"; } ];
    tokenFile = "/run/secrets/token";
  }; }`,
  numbers: host(`
    maxConcurrent = 3; pollInterval = 5; jobTimeout = 60; runnerStartupTimeout = 61; runnerIdleTimeout = 62;
    runnerGroup = "linux"; runnerNamePrefix = "ci01"; registration = "token"; subnets = "192.168.40-49,192.168.7";
    minFreeDisk = "10G"; http = { host = "::1"; port = 9000; }; logLevel = "debug"; labels = [ "fast" ];
  `),
  limits: host(`
    limits = { cpuPercent = 250; memoryMax = "4G"; memoryHigh = "512M"; tasksMax = 99; ioWeight = 7; };
    slice = { memoryMax = "8G"; cpuPercent = 600; };
    host = { memory = "64G"; cpus = 8; };
  `),
  classes: host(`
    jobTimeout = 100;
    limits.tasksMax = 1000;
    classes.b = { labels = [ "self-hosted" "b" ]; max = 2; limits.memoryMax = 1024; jobTimeout = 50; };
    classes.a = { labels = [ "self-hosted" "a" ]; privateUsers = true; };
    classes.z = { labels = [ "self-hosted" "z" ]; order = 1; privateUsers = "65536:65536"; };
  `),
  docker: host('classes.docker = { labels = [ "docker" ]; privateUsers = true; docker.enable = true; };'),
  system: host('classes.own.container.system = "/nix/store/11111111111111111111111111111111-mine";'),
  nspawn: host('engine = "nspawn"; nspawnRootfs = "/srv/tree";'),
  settings: host('settings = { logFormat = "pretty"; brandNew = 1; };'),
  oldState: host('', 'system.stateVersion = "21.11";'),
  ownInotify: host('', 'boot.kernel.sysctl."fs.inotify.max_user_instances" = 4096;'),
  environment: host('extraEnvironment.HTTPS_PROXY = "http://proxy:3128";'),
  home: host('tokenFile = lib.mkForce "/home/ops/token";'),
} as const;

describe.skipIf(missing !== null)(`services.runner-controller${skipped(missing)}`, () => {
  const hosts =
    missing === null ? evaluateHosts(CONFIGURATIONS) : ({} as Record<keyof typeof CONFIGURATIONS, Host>);

  it.each(Object.keys(CONFIGURATIONS) as (keyof typeof CONFIGURATIONS)[])(
    '%s: nothing to complain about',
    (name) => {
      expect({ assertions: hosts[name].assertions, warnings: hosts[name].warnings }).toEqual({
        assertions: [],
        warnings: [],
      });
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

  it('hands Docker its flags and others none', () => {
    expect(hosts.docker.settings.classes[0]?.['nspawnFlags']).toContain('--system-call-filter=keyctl');
    expect(hosts.smallest.settings.classes[0]).not.toHaveProperty('nspawnFlags');
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
    expect(environment).toMatchObject({ NIX_REMOTE: 'daemon', HTTPS_PROXY: 'http://proxy:3128' });
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
    expect(hosts.off).toEqual({ assertions: [], warnings: [] });
  });

  it('adds less than 0.2 s to the evaluation of a host', () => {
    const cost = (expression: string): number => {
      const times = Array.from({ length: 5 }, () => processorSeconds(expression)).toSorted((a, b) => a - b);
      return times[2] ?? Number.NaN;
    };
    const without = `(lib.evalModules {
      modules = [ (path "test/nix/stubs/host.nix") { _module.args.pkgs = pkgs; } ];
    }).config.assertions`;
    const added = cost(hostExpression(CONFIGURATIONS.classes)) - cost(withLibrary(without));
    process.stdout.write(
      `evaluation time that the module adds (three classes): ${(added * 1000).toFixed(0)} ms\n`,
    );
    expect(added).toBeLessThan(0.2);
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

  it.each([
    ['a repository without an owner', 'repo = lib.mkForce "hello";', /repository as owner\/repo/u],
    ['a label with a comma', 'labels = [ "a,b" ];', /label without comma or space/u],
    ['a label with a space', 'classes.x.labels = [ "a b" ];', /label without comma or space/u],
    ['no label at all', 'classes.x.labels = [ ];', /labels/u],
    ['a number out of range', 'maxConcurrent = 101;', /between 1 and 100/u],
    ['a size that is none', 'limits.memoryMax = "4 GB";', /size in bytes/u],
    ['an unknown engine', 'engine = "process";', /one of "nixos-container", "nspawn"/u],
    ['subnets elsewhere', 'subnets = "10.0.0";', /subnets/u],
    ['an option that does not exist', 'max_concurrent = 3;', /does not exist/u],
    ['a user namespace that is none', 'classes.x.privateUsers = "sure";', /privateUsers/u],
    ['a resolver by name', 'network.nameservers = [ "dns.example.com" ];', /IPv4 address/u],
    ['two words in a flag', 'classes.x.nspawnFlags = [ "--bind /a" ];', /nspawnFlags/u],
  ])('refuses %s', (_, options, message) => {
    expect(() => evaluateHosts({ bad: host(options) })).toThrow(message);
  });
});
