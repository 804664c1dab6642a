import { host } from './nix.ts';

/** Hosts that there is nothing to say against. */
export const HOSTS = {
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
