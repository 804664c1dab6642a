import { host } from './nix.ts';

/** One row per assertion: what is wrong, the configuration, and the message that must come out. */
export const REFUSED = [
  [
    'no scope',
    '{ services.runner-controller = { enable = true; tokenFile = "/t"; }; }',
    /exactly one of repo, org and scopes is needed, none is set/u,
  ],
  [
    'no credential',
    '{ services.runner-controller = { enable = true; repo = "a/b"; }; }',
    /exactly one of tokenFile and app/u,
  ],
  [
    'half an app',
    host('tokenFile = lib.mkForce null; app.id = 1;'),
    /app: id, installationId and privateKeyFile are needed together/u,
  ],
  [
    'a token in the store',
    host('tokenFile = lib.mkForce "${pkgs.fake "token"}";'),
    /tokenFile: \/nix\/store\/.* is in the Nix store/u,
  ],
  [
    'the same labels twice',
    host('classes.a.labels = [ "x" "Y" ]; classes.b.labels = [ "y" "X" ];'),
    /classes: a and b have the same labels/u,
  ],
  [
    'more containers than subnets',
    host('maxConcurrent = 7; subnets = "192.168.10-15";'),
    /7 containers need as many subnets, but .* has 6/u,
  ],
  [
    'a subnet beyond 255',
    host('subnets = "192.168.200-300";'),
    /"192.168.200-300" names a network that does not exist/u,
  ],
  ['a tree that is missing', host('engine = "nspawn";'), /nspawnRootfs: engine = "nspawn" needs an OS tree/u],
  [
    'trusted job interfaces',
    host('', 'networking.firewall.trustedInterfaces = [ "lo" "ve-+" ];'),
    /trustedInterfaces: ve-\+ covers the job containers/u,
  ],
  [
    'the wildcard of iptables under nftables',
    host('', 'networking.nftables.enable = true; networking.nat.internalInterfaces = [ "ve-+" ];'),
    /internalInterfaces: ve-\+ matches nothing with the nftables back end; write ve-\*/u,
  ],
  [
    'no firewall at all',
    host('', 'networking.firewall.enable = false;'),
    /network.isolate needs networking.firewall.enable or networking.nftables.enable/u,
  ],
  [
    'firewalld',
    host('', 'networking.firewall.backend = "firewalld";'),
    /the firewalld back end is not supported/u,
  ],
  ['a uid of somebody', host('', 'users.users.alice.uid = 47000;'), /container.uid: 47000 belongs to alice/u],
  [
    'jobs trusted by the Nix daemon',
    host('', 'nix.settings.trusted-users = [ "root" "*" ];'),
    /trusted-users: \* covers the jobs/u,
  ],
  [
    'a container named like a job',
    host('', 'containers.jenkins = { };'),
    /containers.jenkins: names that begin with j/u,
  ],
  [
    'a class name with a dot',
    host('classes."a.b" = { };'),
    /classes.a.b: a class name has up to 32 letters/u,
  ],
  [
    'Docker without a user namespace',
    host('classes.d.docker.enable = true;'),
    /classes.d.docker: Docker without a user namespace/u,
  ],
  [
    'memoryHigh above memoryMax',
    host('limits = { memoryMax = "1G"; memoryHigh = "2G"; };'),
    /memoryHigh is above memoryMax/u,
  ],
  [
    'more memory than there is',
    host('limits.memoryMax = "8G"; host.memory = "4G";'),
    /limits.memoryMax: 8G is more than this host has \(4G\)/u,
  ],
  [
    'more cores than there are',
    host('limits.cpuPercent = 500; host.cpus = 4;'),
    /limits.cpuPercent: 500 is more than 4 cores have/u,
  ],
  [
    'a class above the host',
    host('maxConcurrent = 3; classes.a.max = 4;'),
    /classes.a.max: 4 is more than .*maxConcurrent = 3/u,
  ],
  [
    'a slice with more memory than there is',
    host('slice.memoryMax = "8G"; host.memory = "4G";'),
    /slice.memoryMax: 8G is more than this host has/u,
  ],
  [
    'a slice with more cores than there are',
    host('slice.cpuPercent = 500; host.cpus = 4;'),
    /slice.cpuPercent: 500 is more than 4 cores have/u,
  ],
] as const;

/** More ways to the same assertions. */
export const ALSO_REFUSED = [
  ['two scopes', host('org = "octo";'), /these are set: repo, org/u],
  [
    'two credentials',
    host('app = { id = 1; installationId = 2; privateKeyFile = "/k"; };'),
    /exactly one of tokenFile and app/u,
  ],
  [
    'a key in the store',
    '{ pkgs, ... }: { services.runner-controller = { enable = true; repo = "a/b"; app = { id = 1; installationId = 2; privateKeyFile = "${pkgs.fake "key"}"; }; }; }',
    /privateKeyFile: .* is in the Nix store/u,
  ],
  [
    'every interface trusted',
    host('', 'networking.firewall.trustedInterfaces = [ "ve-*" ];'),
    /trustedInterfaces: ve-\* covers/u,
  ],
  [
    'one job interface trusted',
    host('', 'networking.firewall.trustedInterfaces = [ "ve-j1234567" ];'),
    /trustedInterfaces: ve-j1234567 covers/u,
  ],
  [
    'the wildcard of nftables under iptables',
    host('', 'networking.nat.internalInterfaces = [ "ve-*" ];'),
    /internalInterfaces: ve-\* matches nothing with the iptables back end; write ve-\+/u,
  ],
  [
    'a gid of somebody',
    host('', 'users.groups.staff.gid = 47000;'),
    /container.uid: 47000 belongs to staff/u,
  ],
  [
    'Docker with a namespace that maps root to root',
    host('classes.d = { docker.enable = true; privateUsers = "identity"; };'),
    /Docker without a user namespace/u,
  ],
] as const;

/** One row per warning. */
export const WARNED = [
  [
    'a class that covers another',
    host('classes.wide.labels = [ "a" "b" ]; classes.narrow.labels = [ "A" ];'),
    /wide covers narrow/u,
  ],
  [
    'more memory promised than there is',
    host('limits.memoryMax = "4G"; host.memory = "16G";'),
    /7 containers may use 30064771072 bytes together, and this host has 16G/u,
  ],
  [
    'a runner that GitHub refuses',
    host('container.runnerPackage = pkgs.fake "github-runner" // { version = "2.328.0"; };'),
    /version 2.328.0 is older than 2.329.0/u,
  ],
  ['garbage collection', host('', 'nix.gc.automatic = true;'), /nix.gc.automatic/u],
  ['no isolation', host('network.isolate = false;'), /network.isolate = false: jobs reach each other/u],
  [
    'Docker that is unsafe',
    host('classes.d.docker = { enable = true; unsafe = true; };'),
    /Docker without a user namespace in d/u,
  ],
  [
    'Docker on the host under nftables',
    host('', 'virtualisation.docker.enable = true; networking.nftables.enable = true;'),
    /Docker closes the forwarding/u,
  ],
  [
    'a Nix daemon that is closed to jobs',
    host('', 'nix.settings.allowed-users = [ "@wheel" ];'),
    /may not use the Nix daemon/u,
  ],
] as const;

/** What looks alike and is right. */
export const ACCEPTED = {
  'exactly as many subnets as containers': host('maxConcurrent = 7; subnets = "192.168.10-15,192.168.20";'),
  'another interface trusted': host(
    '',
    'networking.firewall.trustedInterfaces = [ "ve-web" "tailscale0" "vb-+" ];',
  ),
  'classes with one label in common': host('classes.a.labels = [ "x" "a" ]; classes.b.labels = [ "x" "b" ];'),
  'Docker with a user namespace': host('classes.d = { docker.enable = true; privateUsers = "pick"; };'),
  'a class maximum that keeps the memory in bounds': host(
    'host.memory = "16G"; limits.memoryMax = "1G"; classes.a.labels = [ "a" ]; classes.b = { labels = [ "b" ]; max = 1; limits.memoryMax = "10G"; };',
  ),
  'no isolation wanted, no firewall': host(
    'network.isolate = lib.mkForce true;',
    'networking.firewall.enable = false; networking.nftables.enable = true;',
  ),
  'users trusted by name': host('', 'nix.settings.trusted-users = [ "root" "@wheel" ];'),
  'a container of the operator': host('', 'containers.web = { };'),
};
