import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { evaluateHosts, host, lacks, lacksLibrary, temporary, skipped, unitFile } from './support/nix.ts';
import type { Host } from './support/nix.ts';

const missing = lacksLibrary() ?? lacks('systemd-analyze');

/** systemd's own scale: 0 is sealed, 10 is root without a sandbox. */
const MOST_EXPOSURE = 4;

const CONFIGURATIONS = {
  'nixos-container': host(),
  nspawn: host('engine = "nspawn"; nspawnRootfs = "/srv/tree";'),
  nftables: host('', 'networking.nftables.enable = true;'),
  'token below /home': host('tokenFile = lib.mkForce "/home/ops/token";'),
} as const;
const names = Object.keys(CONFIGURATIONS) as (keyof typeof CONFIGURATIONS)[];

describe.skipIf(missing !== null)(`the rendered unit${skipped(missing)}`, () => {
  const hosts =
    missing === null ? evaluateHosts(CONFIGURATIONS) : ({} as Record<keyof typeof CONFIGURATIONS, Host>);

  it.each(names)('%s: systemd-analyze verify has nothing to say', (name) => {
    using directory = temporary();
    const file = join(directory.path, 'runner-controller.service');
    writeFileSync(file, unitFile(hosts[name].unit));
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', file],
      {
        encoding: 'utf8',
      },
    );
    // Unknown keys are only a line of output, with status 0.
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  });

  it('systemd-analyze verify would notice a misspelt key', () => {
    using directory = temporary();
    const file = join(directory.path, 'runner-controller.service');
    writeFileSync(file, unitFile(hosts.nspawn.unit).replace('ProtectSystem=', 'ProtectSytem='));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect(stderr).toMatch(/ProtectSytem/u);
  });

  it.each(names)('%s: the exposure is at most 4.0', (name) => {
    using directory = temporary();
    const file = join(directory.path, 'runner-controller.service');
    writeFileSync(file, unitFile(hosts[name].unit));
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], {
      encoding: 'utf8',
    });
    const exposure = /Overall exposure level for .*: ([0-9.]+)/u.exec(stdout)?.[1];
    process.stdout.write(`exposure of the unit for ${name}: ${exposure ?? 'unknown'}\n`);
    expect(Number(exposure)).toBeLessThanOrEqual(MOST_EXPOSURE);
  });

  it('outlives nothing and kills nothing: a rebuild restarts the controller alone', () => {
    const { unit } = hosts['nixos-container'];
    expect(unit).toMatchObject({
      stopIfChanged: false,
      restartIfChanged: true,
      wantedBy: ['multi-user.target'],
    });
    expect(unit.service).toMatchObject({
      Type: 'notify',
      NotifyAccess: 'all',
      WatchdogSec: 180,
      Restart: 'always',
      KillMode: 'mixed',
      RuntimeDirectory: 'runner-controller',
      RuntimeDirectoryPreserve: 'yes',
      StateDirectory: 'runner-controller',
      StateDirectoryMode: '0700',
      UMask: '0077',
    });
  });

  it('sees what nixos-container calls by name', () => {
    expect(hosts['nixos-container'].unit.path).toEqual(
      expect.arrayContaining(['nix', 'util-linux', 'e2fsprogs', 'iproute2', 'nftables', 'systemd']),
    );
  });

  it('starts after the rules that isolate jobs', () => {
    expect(hosts['nixos-container'].unit.after).toContain('firewall.service');
    expect(hosts.nftables.unit.after).toContain('nftables.service');
  });

  it.each([
    ['the container directories', 'ReadWritePaths', '/var/lib/nixos-containers'],
    ['a directory that may be missing', 'ReadWritePaths', '-/run/systemd/nspawn'],
    ['the system calls of V8', 'SystemCallFilter', '@pkey'],
    ['chattr', 'CapabilityBoundingSet', 'CAP_LINUX_IMMUTABLE'],
    ['netlink', 'RestrictAddressFamilies', 'AF_NETLINK'],
  ])('keeps %s open', (_, key, value) => {
    expect(hosts['nixos-container'].unit.service[key]).toContain(value);
  });

  it('lets only the nspawn engine enter namespaces', () => {
    expect(hosts['nixos-container'].unit.service['RestrictNamespaces']).toBe(true);
    expect(hosts.nspawn.unit.service['RestrictNamespaces']).toBe('net mnt');
    expect(hosts['nixos-container'].unit.service['CapabilityBoundingSet']).not.toContain('CAP_SYS_PTRACE');
  });
});
