import { containerAddress } from '../../core/subnets.ts';
import { FORBIDDEN_ADDRESSES } from './forbidden-addresses.ts';

/** A container's end of its link. */
export interface Guest {
  readonly name: string;
  /** N of 192.168.N.0/24. */
  readonly subnet: number;
}

/** Something that jobs may reach although it is on this host or in a private range. */
export interface Endpoint {
  /** IPv4. */
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

export const TABLE = 'inet runner_controller';

/** Before the host's own rules: what is refused here, none of them can allow again. */
const PRIORITY = -10;

/** The host's end of a container's link. */
export function linkOf(name: string): string {
  return `ve-${name}`;
}

/** Input for `nft -f -`: replaces our table in one step, or removes it when there is nobody to keep apart. */
export function nftScript(guests: readonly Guest[], allowed: readonly Endpoint[]): string {
  const without = `table ${TABLE} {}\ndelete table ${TABLE}\n`;
  return guests.length === 0 ? without : without + table(guests, allowed);
}

function table(guests: readonly Guest[], allowed: readonly Endpoint[]): string {
  const links = guests.map((guest) => `"${linkOf(guest.name)}"`);
  const addresses = guests.map(({ subnet }) => containerAddress(subnet));
  const own = guests.map((guest) => `"${linkOf(guest.name)}" . ${containerAddress(guest.subnet)}`);
  const endpoints = allowed.map(({ address, protocol, port }) => `${address} . ${protocol} . ${port}`);
  return `table ${TABLE} {
  set links { type ifname; ${elements(links)} }
  set own { type ifname . ipv4_addr; ${elements(own)} }
  set sources { type ipv4_addr; ${elements(addresses)} }
  set allowed { type ipv4_addr . inet_proto . inet_service; ${elements(endpoints)} }
  set refused { type ipv4_addr; flags interval; ${elements(FORBIDDEN_ADDRESSES)} }
  chain judge {
    meta nfproto != ipv4 drop
    ct state established,related accept
    iifname . ip saddr != @own drop
    ip daddr . meta l4proto . th dport @allowed accept
  }
  chain input {
    type filter hook input priority ${PRIORITY}; policy accept;
    iifname @links jump judge
    iifname @links drop
  }
  chain forward {
    type filter hook forward priority ${PRIORITY}; policy accept;
    iifname @links jump judge
    iifname @links ip daddr @refused drop
    oifname @links ct state established,related accept
    oifname @links drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr @sources oifname != @links masquerade
  }
}
`;
}

function elements(values: readonly string[]): string {
  return values.length === 0 ? '' : `elements = { ${[...new Set(values)].join(', ')} };`;
}
