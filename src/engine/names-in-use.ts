import { readdirSync } from 'node:fs';

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
    ...list(CONF_DIR)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => file.slice(0, -'.conf'.length)),
    ...list(CONTAINERS_DIR),
    ...list(PROFILES_DIR),
    ...list(GCROOTS_DIR),
    ...list('/var/lib/machines'),
    ...list('/run/systemd/machines'),
    ...list('/run/systemd/nspawn/unix-export'),
    ...list('/sys/class/net')
      .filter((link) => /^v[eb]-/.test(link))
      .map((link) => link.slice(3)),
    ...list(instances),
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

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
