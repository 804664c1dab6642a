import { namesIn } from './directory.ts';

/** NixOS's own directories of imperative containers. */
export const CONF_DIR = '/etc/nixos-containers';
export const CONTAINERS_DIR = '/var/lib/nixos-containers';
export const PROFILES_DIR = '/nix/var/nix/profiles/per-container';
export const GCROOTS_DIR = '/nix/var/nix/gcroots/per-container';

/**
 * The names that something on this host has: configuration, root directory, profile, machine or interface.
 * Throws when a directory that exists cannot be read.
 */
export function namesInUse(instances: string): string[] {
  const names = [
    ...namesIn(CONF_DIR)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => file.slice(0, -'.conf'.length)),
    ...namesIn(CONTAINERS_DIR),
    ...namesIn(PROFILES_DIR),
    ...namesIn(GCROOTS_DIR),
    ...namesIn('/var/lib/machines'),
    ...namesIn('/run/systemd/machines'),
    ...namesIn('/run/systemd/nspawn/unix-export'),
    ...namesIn('/sys/class/net')
      .filter((link) => /^v[eb]-/.test(link))
      .map((link) => link.slice(3)),
    ...namesIn(instances),
  ];
  return [...new Set(names.filter((name) => /^[\w-]+$/.test(name)))];
}

/** The instance that a unit of a template is made of; null for any other unit. */
export function instanceOf(unit: string, template: string): string | null {
  const prefix = `${template}@`;
  return unit.startsWith(prefix) && unit.endsWith('.service')
    ? unit.slice(prefix.length, -'.service'.length)
    : null;
}
