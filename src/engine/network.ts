import type { Endpoint, Guest } from './nft.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { EngineError } from '../core/errors.ts';
import { run } from './command.ts';
import { nftScript, TABLE } from './nft.ts';
import { usableResolvers } from './resolvers.ts';

/** A service that jobs may reach although it is on this host or in a private range: GitHub's own, on a private network. */
export interface AllowedService {
  /** A name or an IPv4 address. */
  readonly host: string;
  readonly port: number;
}

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const DEADLINE_MS = 10_000;
/** How often it is made sure that nobody has removed the table, as a reload of the host's firewall may. */
const CHECK_MS = 10_000;

/** Owns our nftables table: keeps containers apart from the host, each other and everything private. */
export class HostNetwork {
  readonly #services: readonly AllowedService[];
  readonly #guests = new Map<string, Guest>();
  #applied: string | null = null;
  #allowed: readonly Endpoint[] = [];
  #checkedAt = -Infinity;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(services: readonly AllowedService[]) {
    this.#services = services;
  }

  /** Returns when the rules for all of them hold. */
  async add(guests: readonly Guest[], signal: AbortSignal): Promise<void> {
    for (const guest of guests) this.#guests.set(guest.name, guest);
    await this.#exclusively(() => this.#apply(signal));
  }

  /** The table goes with the last of them. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    this.#guests.delete(name);
    await this.#exclusively(() => this.#apply(signal));
  }

  async #apply(signal: AbortSignal): Promise<void> {
    const guests = [...this.#guests.values()].sort((a, b) => a.subnet - b.subnet);
    const due = guests.length > 0 && performance.now() - this.#checkedAt >= CHECK_MS;
    if (due) {
      this.#checkedAt = performance.now();
      forward();
      this.#allowed = await allowedEndpoints(this.#services);
      if (!(await tableExists(signal))) this.#applied = null;
    }
    const script = nftScript(guests, this.#allowed);
    if (script === this.#applied) return;
    this.#applied = null;
    await run(['nft', '-f', '-'], { signal, deadlineMs: DEADLINE_MS, input: script });
    this.#applied = script;
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(action);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

async function tableExists(signal: AbortSignal): Promise<boolean> {
  try {
    await run(['nft', 'list', 'chain', ...TABLE.split(' '), 'judge'], { signal, deadlineMs: DEADLINE_MS });
    return true;
  } catch {
    return false;
  }
}

async function allowedEndpoints(services: readonly AllowedService[]): Promise<Endpoint[]> {
  const resolvers = usableResolvers().flatMap((address): Endpoint[] => [
    { address, protocol: 'udp', port: 53 },
    { address, protocol: 'tcp', port: 53 },
  ]);
  const found = await Promise.all(services.map(addressesOf));
  return [...resolvers, ...found.flat()];
}

/** A name that cannot be resolved allows nothing: the next call tries again. */
async function addressesOf({ host, port }: AllowedService): Promise<Endpoint[]> {
  try {
    const found = await lookup(host, { all: true, family: 4 });
    return found.map(({ address }) => ({ address, protocol: 'tcp', port }));
  } catch {
    return [];
  }
}

/** Packets of containers must be forwarded; what a host forwards besides is its own firewall's affair. */
function forward(): void {
  if (readFileSync(FORWARDING, 'utf8').trim() !== '0') return;
  try {
    writeFileSync(FORWARDING, '1');
  } catch (error) {
    throw new EngineError(`${FORWARDING} is 0 and cannot be set: set net.ipv4.ip_forward=1`, {
      cause: error,
    });
  }
}
