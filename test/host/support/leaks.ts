import { readdirSync, readFileSync } from 'node:fs';

import { sh } from './shell.ts';

const DIRECTORIES = [
  '/etc/nixos-containers',
  '/var/lib/nixos-containers',
  '/nix/var/nix/profiles/per-container',
  '/nix/var/nix/gcroots/per-container',
  '/run/systemd/system.control',
  '/run/systemd/machines',
  '/run/systemd/nspawn/unix-export',
  '/run/systemd/nspawn/propagate',
];

/** Everything on this machine that a container could have left, one line each. */
export function remains(): string[] {
  return [
    ...DIRECTORIES.flatMap((directory) => list(directory).map((entry) => `${directory}/${entry}`)),
    ...list('/run/systemd/system').filter((entry) => entry.startsWith('container@')),
    ...list('/var/log/journal').filter(
      (entry) => sh(`test -L /var/log/journal/${entry} && echo link || true`) === 'link',
    ),
    ...list('/sys/class/net').filter((link) => /^v[eb]-/.test(link)),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => /instances|nixos-containers\//.test(line)),
    ...sh("systemctl list-units --all --no-legend --plain 'container@*' 'runner-container@*'")
      .split('\n')
      .filter((line) => line !== ''),
    ...sh('nft list tables')
      .split('\n')
      .filter((line) => line.includes('runner_controller')),
  ];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
