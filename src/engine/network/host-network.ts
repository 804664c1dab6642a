/**
 * The host's side of containers' networks: which subnets are free, what packets may pass, which services jobs may reach
 * although they are on this host. Nothing here makes a link; the unit of a container does. Start reading here: `HostNetwork`
 * keeps one nftables table in step with the containers that exist, and `nft.ts` writes it.
 */

import { readFileSync, writeFileSync } from 'node:fs';

import { EngineError } from '../../core/errors.ts';
import { CommandError, run } from '../command.ts';
import type { AllowedService } from './allowed-services.ts';
import { AllowedServices } from './allowed-services.ts';
import type { Guest } from './nft.ts';
import { nftScript, TABLE } from './nft.ts';

/** `host`: the host's own firewall keeps containers apart and forwards for them; nothing of it is touched. */
export type NetworkKeeper = 'engine' | 'host';

export interface HostNetworkOptions {
  readonly allowed: readonly AllowedService[];
  /** `engine` when absent. */
  readonly keeper?: NetworkKeeper;
  /** The program `nft`. */
  readonly nft?: string;
  /** The kernel's switch for forwarding. */
  readonly forwarding?: string;
}

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const DEADLINE_MS = 10_000;
/** How often it is made sure that nobody has changed the table, as a reload of the host's firewall may. */
const CHECK_MS = 10_000;

/** Owns our nftables table: keeps containers apart from the host, each other and everything private. */
export class HostNetwork {
  readonly #options: HostNetworkOptions;
  readonly #services: AllowedServices;
  readonly #guests = new Map<string, Guest>();
  #applied: Applied | null = null;
  #checkedAt = -Infinity;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: HostNetworkOptions) {
    this.#options = options;
    this.#services = new AllowedServices(options.allowed);
  }

  /** These exist too: the next change of the table keeps them. Does nothing on the host. */
  know(guests: readonly Guest[]): void {
    for (const guest of guests) this.#guests.set(guest.name, guest);
  }

  /** Returns when the rules for all of them hold. */
  async add(guests: readonly Guest[], signal: AbortSignal): Promise<void> {
    this.know(guests);
    await this.#exclusively(() => this.#apply(signal));
  }

  /** The table goes with the last of them. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    this.#guests.delete(name);
    await this.#exclusively(() => this.#apply(signal));
  }

  async #apply(signal: AbortSignal): Promise<void> {
    if (this.#options.keeper === 'host') return;
    const guests = [...this.#guests.values()].sort((a, b) => a.subnet - b.subnet);
    const due = guests.length > 0 && performance.now() - this.#checkedAt >= CHECK_MS;
    if (due) {
      this.#checkedAt = performance.now();
      forward(this.#options.forwarding ?? FORWARDING);
      await this.#services.resolve(signal);
      if (this.#applied !== null && (await this.#list(signal)) !== this.#applied.listed) this.#applied = null;
    }
    const script = nftScript(guests, this.#services.endpoints);
    if (script === this.#applied?.script) return;
    this.#applied = null;
    await this.#nft(['-f', '-'], signal, script);
    // In the kernel's words, which alone can be compared with what it says later.
    this.#applied = { script, listed: guests.length === 0 ? null : await this.#list(signal) };
  }

  /** Null: there is no such table. */
  async #list(signal: AbortSignal): Promise<string | null> {
    try {
      return await this.#nft(['--stateless', 'list', 'table', ...TABLE.split(' ')], signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CommandError)) throw error;
      return null;
    }
  }

  async #nft(args: readonly string[], signal: AbortSignal, input?: string): Promise<string> {
    const more = input === undefined ? {} : { input };
    const argv = [this.#options.nft ?? 'nft', ...args] as const;
    return (await run(argv, { signal, deadlineMs: DEADLINE_MS, ...more })).stdout;
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(action);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

interface Applied {
  readonly script: string;
  /** The table as `nft` listed it right after; null: none. */
  readonly listed: string | null;
}

/** Packets of containers must be forwarded; what a host forwards besides is its own firewall's affair. */
function forward(path: string): void {
  if (readFileSync(path, 'utf8').trim() !== '0') return;
  try {
    writeFileSync(path, '1');
  } catch (error) {
    throw new EngineError('failed', `${path} is 0 and cannot be set: set net.ipv4.ip_forward=1`, {
      cause: error,
    });
  }
}
