import { lookup } from 'node:dns/promises';

import { abortable, withDeadline } from '../../abort.ts';
import type { Endpoint } from './nft.ts';
import { usableResolvers } from './resolvers.ts';

/** A service that jobs may reach although it is on this host or in a private range: GitHub's own, on a private network. */
export interface AllowedService {
  /** A name or an IPv4 address. */
  readonly host: string;
  readonly port: number;
}

/** The IPv4 addresses of a name; rejects when there is no answer. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Containers that come and go wait for it. */
const DEADLINE_MS = 2000;

/** Where jobs may go besides the world: the host's nameservers and the allowed services, by address. */
export class AllowedServices {
  readonly #services: readonly AllowedService[];
  readonly #resolve: Resolve;
  /** The newest answer for each name: one that fails now and then must not cut running jobs off. */
  readonly #addresses = new Map<string, readonly string[]>();
  #resolvers: readonly string[] = [];

  constructor(services: readonly AllowedService[], resolve: Resolve = lookUp) {
    this.#services = services;
    this.#resolve = resolve;
  }

  get endpoints(): readonly Endpoint[] {
    return [
      ...this.#resolvers.flatMap((address): Endpoint[] => [
        { address, protocol: 'udp', port: 53 },
        { address, protocol: 'tcp', port: 53 },
      ]),
      ...this.#services.flatMap(({ host, port }) =>
        (this.#addresses.get(host) ?? []).map((address): Endpoint => ({ address, protocol: 'tcp', port })),
      ),
    ];
  }

  /** Asks for all of them again; takes 2 s at most. */
  async resolve(signal: AbortSignal): Promise<void> {
    this.#resolvers = usableResolvers();
    await Promise.all(
      this.#services.map(async ({ host }) => {
        try {
          const answer = await withDeadline(signal, DEADLINE_MS, (either) =>
            abortable(this.#resolve(host), either),
          );
          // In one order: another is no change.
          this.#addresses.set(host, answer.toSorted());
        } catch {
          signal.throwIfAborted();
        }
      }),
    );
  }
}

async function lookUp(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, family: 4 });
  return found.map(({ address }) => address);
}
