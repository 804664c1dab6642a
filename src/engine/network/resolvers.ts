import { readFileSync } from 'node:fs';

/** Where the true nameservers stand when `/etc/resolv.conf` names systemd-resolved's stub. */
const UPLINK = '/run/systemd/resolve/resolv.conf';

/** The nameservers of this host that a container can use: IPv4, not on the host's loopback. Unreadable is none. */
export function usableResolvers(): readonly string[] {
  for (const path of ['/etc/resolv.conf', UPLINK]) {
    const found = parseResolvers(readOrEmpty(path));
    if (found.length > 0) return found;
  }
  return [];
}

/** The usable nameservers of a `resolv.conf`. */
export function parseResolvers(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\d{1,3}(?:\.\d{1,3}){3})\s*$/.exec(line)?.[1])
    .filter((address) => address !== undefined)
    .filter((address) => !address.startsWith('127.') && address !== '0.0.0.0');
}

/** A container's `resolv.conf`. */
export function resolvConf(resolvers: readonly string[]): string {
  return resolvers.map((address) => `nameserver ${address}\n`).join('');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
