import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** An IPv4 range in use on this host and the interface that it is on. */
export interface HostRange {
  readonly device: string;
  readonly address: number;
  readonly prefix: number;
}

/** Shorter ones are a default route in parts, as VPNs set them: they say where the rest goes, not what is in use. */
const SHORTEST_PREFIX = 8;
const RTF_REJECT = 0x200;
const PRIVATE_192_168 = 0xc0a80000;

/**
 * Every N whose 192.168.N.0/24 meets an address or route of this host, ascending.
 * `ours` tells which interfaces do not count. Throws when the routes cannot be read.
 */
export function subnetsInUse(ours: (device: string) => boolean = () => false): number[] {
  const ranges = [...addressRanges(), ...parseRoutes(readFileSync('/proc/net/route', 'utf8'))];
  return subnetsMet(ranges.filter((range) => !ours(range.device)));
}

/** Every N whose 192.168.N.0/24 meets one of the ranges, ascending. */
export function subnetsMet(ranges: readonly HostRange[]): number[] {
  const met: number[] = [];
  for (let n = 0; n < 256; n += 1) {
    const subnet = { address: PRIVATE_192_168 + n * 256, prefix: 24 };
    if (ranges.some((range) => range.prefix >= SHORTEST_PREFIX && overlap(subnet, range))) met.push(n);
  }
  return met;
}

/** The routes of the main table, from the text of `/proc/net/route` (addresses are hexadecimal in host order). */
export function parseRoutes(text: string): HostRange[] {
  const ranges: HostRange[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [device, destination, , flags, , , , mask] = line.trim().split(/\s+/);
    if (device === undefined || destination === undefined || flags === undefined || mask === undefined)
      continue;
    if ((Number.parseInt(flags, 16) & RTF_REJECT) !== 0) continue;
    ranges.push({ device, address: fromLittleEndian(destination), prefix: ones(fromLittleEndian(mask)) });
  }
  return ranges;
}

function addressRanges(): HostRange[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
    (addresses ?? [])
      .filter((address) => address.family === 'IPv4')
      .map((address) => ({
        device,
        address: fromDotted(address.address),
        prefix: ones(fromDotted(address.netmask)),
      })),
  );
}

function overlap(
  a: { readonly address: number; readonly prefix: number },
  b: { readonly address: number; readonly prefix: number },
): boolean {
  const size = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}

function fromDotted(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function fromLittleEndian(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE();
}

function ones(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}
