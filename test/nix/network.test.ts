import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  evaluateHosts,
  executable,
  host,
  lacks,
  lacksLibrary,
  lacksRoot,
  temporary,
  skipped,
  PATIENCE,
} from './support/nix.ts';
import type { Host } from './support/nix.ts';

const missing = lacksLibrary();

const NFTABLES = 'networking.nftables.enable = true;';
const OPTIONS = `network = {
  nameservers = [ "10.0.0.5" ];
  allowedDestinations = [ "10.0.0.7" ];
  allowedHostTCPPorts = [ 5000 ];
};`;

const CONFIGURATIONS = {
  plain: host(),
  plainNftables: host('', NFTABLES),
  iptables: host(OPTIONS),
  nftables: host(OPTIONS, NFTABLES),
  open: host('network.isolate = false;'),
  resolverOfHost: host('', 'networking.nameservers = [ "127.0.0.53" "192.168.1.53" "2606:4700::1111" ];'),
  managers: host('', 'networking.networkmanager.enable = true; systemd.network.enable = true;'),
} as const;
type Name = keyof typeof CONFIGURATIONS;

const hosts = missing === null ? evaluateHosts(CONFIGURATIONS) : ({} as Record<Name, Host>);

describe.skipIf(missing !== null)(`network${skipped(missing)}`, () => {
  it.each([
    ['plain', ['ve-j+']],
    ['plainNftables', ['ve-j*']],
  ] as const)('%s: NAT for our interfaces only, in the spelling of the back end', (name, interfaces) => {
    expect(hosts[name].nat).toEqual(interfaces);
  });

  it('uses one back end at a time', () => {
    expect(Object.keys(hosts.plain.nftables)).toEqual([]);
    expect(hosts.plain.iptables).not.toBe('');
    expect(Object.keys(hosts.plainNftables.nftables)).toEqual(['runner-jobs']);
    expect(hosts.plainNftables.iptables).toBe('');
  });

  it('leaves the network open only where that is asked for', () => {
    expect(hosts.open.iptables).toBe('');
    expect(hosts.open.warnings).toHaveLength(1);
  });

  it.each([
    ['plain', '1.1.1.1'],
    ['resolverOfHost', '192.168.1.53'],
  ] as const)('%s: opens port 53 of %s', (name, address) => {
    expect(hosts[name].iptables).toContain(`-d ${address} -p udp --dport 53 -j ACCEPT`);
  });

  it('takes no resolver that a container cannot reach', () => {
    expect(hosts.resolverOfHost.iptables).not.toMatch(/127\.0\.0\.53|2606|1\.1\.1\.1/u);
  });

  it('keeps network managers away from the host side of the links', () => {
    expect(hosts.managers.unmanaged).toEqual(['interface-name:ve-j*']);
    expect(hosts.managers.networkd).toEqual({ '10-runner-jobs': { Unmanaged: true } });
    expect(hosts.plain.unmanaged).toEqual([]);
  });
});

/** Whether this machine lets us make namespaces, which a container of somebody else's may not. */
function lacksNamespaces(): string | null {
  const made = spawnSync('unshare', [
    '--net',
    '--mount',
    'sh',
    '-c',
    'mkdir -p /run/netns && ip link add type veth',
  ]);
  return made.status === 0 ? null : 'network namespaces cannot be made here';
}

const cannotIsolate =
  missing ??
  lacksRoot() ??
  lacks('unshare', 'ip', 'nft', 'iptables', 'ip6tables', 'sysctl') ??
  lacksNamespaces();

describe.skipIf(cannotIsolate !== null)(
  `isolation, for real in network namespaces${skipped(cannotIsolate)}`,
  () => {
    const REACHED = [
      'job 8.8.8.8:443 open',
      'job 10.0.0.5:53 open',
      'job 10.0.0.5:80 closed',
      'job 10.0.0.6:80 closed',
      'job 10.0.0.7:80 open',
      'job 169.254.169.254:80 closed',
      'job 168.63.129.16:80 closed',
      'job 100.100.100.200:80 closed',
      'job 192.168.100.1:5000 open',
      'job 192.168.100.1:8080 closed',
      'job 10.0.0.1:8080 closed',
      'job 203.0.113.1:8080 closed',
      'job 192.168.101.2:80 closed',
      'job [2001:db8::5]:443 closed',
      'job [fd00:64::1]:8080 closed',
      'lan 192.168.100.2:80 closed',
      'host 192.168.100.2:80 open',
    ];
    const EVERYTHING = REACHED.map((line) => line.replace('closed', 'open'));

    it.each(['nftables', 'iptables'] as const)(
      '%s: a job reaches the internet and what is allowed',
      (backend) => {
        using directory = temporary();
        const [up, down] = scripts(hosts[backend], backend);
        const { status, stdout, stderr } = spawnSync(
          'unshare',
          [
            '--net',
            '--mount',
            join(import.meta.dirname, 'isolation/topology.sh'),
            executable(join(directory.path, 'up'), up),
            executable(join(directory.path, 'down'), down),
            join(import.meta.dirname, 'isolation/peer.mjs'),
          ],
          { encoding: 'utf8', ...PATIENCE, killSignal: 'SIGKILL' },
        );
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout.trim().split('\n')).toEqual([
          'off',
          ...EVERYTHING,
          'on',
          ...REACHED,
          'removed',
          ...EVERYTHING,
        ]);
      },
    );
  },
);

/** As NixOS runs the texts: nftables replaces the whole table, iptables gets a helper for both protocols. */
function scripts(found: Host, backend: 'nftables' | 'iptables'): readonly [string, string] {
  if (backend === 'nftables') {
    const table = `table inet runner-jobs\ndelete table inet runner-jobs\n`;
    const content = `${table}table inet runner-jobs {\n${found.nftables['runner-jobs'] ?? ''}\n}\n`;
    return [`nft -f - <<'RULES'\n${content}RULES\n`, 'nft delete table inet runner-jobs\n'];
  }
  const helper = 'ip46tables() { iptables -w "$@"; ip6tables -w "$@"; }\n';
  return [helper + found.iptables, helper + found.iptablesStop];
}
