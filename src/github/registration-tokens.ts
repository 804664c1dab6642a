import type { Millis } from '../core/model.ts';
import type { Sealed } from '../core/ports.ts';
import { GithubError } from '../core/errors.ts';
import { ask, purposes } from './purposes.ts';
import type { Tuning } from './tuning.ts';
import type { GithubOptions } from './options.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Requester } from './rest/requester.ts';
import { Secret } from '../core/secret.ts';
import { clean } from '../core/text.ts';
import { abortedBy } from './rest/transport.ts';
import { transportError } from './errors.ts';
import { abortable, withDeadline } from '../abort.ts';
import { registrationToken } from './wire.ts';

/** A registration token lives an hour; the container that gets it must have time to use it. */
const SPARE = 5 * 60_000;

interface Held {
  readonly token: Sealed;
  readonly expiresAt: Millis;
}

/**
 * Registration tokens, one for each scope and credential: each is good for any number of runners within its hour,
 * and asking for one per job would use up the primary limit.
 */
export class RegistrationTokens {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #requester: Requester;
  readonly #placesOf: (scope: string) => RepositoryUrls;
  readonly #held = new Map<string, Held & { readonly generation: number }>();
  readonly #flights = new Map<string, Promise<Held>>();

  constructor(
    options: GithubOptions,
    tuning: Tuning,
    requester: Requester,
    placesOf: (scope: string) => RepositoryUrls,
  ) {
    this.#options = options;
    this.#tuning = tuning;
    this.#requester = requester;
    this.#placesOf = placesOf;
  }

  async get(scope: string, signal: AbortSignal): Promise<Sealed> {
    const purpose = purposes.token(scope);
    const generation = this.#generation(scope);
    const held = this.#held.get(scope);
    const now = this.#options.clock.now();
    if (held !== undefined && held.generation === generation && now < held.expiresAt - SPARE)
      return held.token;
    const key = `${generation} ${scope}`;
    const flight = this.#flights.get(key) ?? this.#fly(key, scope, generation);
    try {
      return (await abortable(flight, signal)).token;
    } catch (error) {
      if (error instanceof GithubError) throw error;
      throw transportError(abortedBy(signal), purpose);
    }
  }

  /** One request for all who wait for it, so it ends by a time of its own and not with the first who asked. */
  #fly(key: string, scope: string, generation: number): Promise<Held> {
    const flight = withDeadline(
      new AbortController().signal,
      this.#tuning.observationBudget,
      async (signal) => {
        const why = ask(purposes.token(scope), 'work', signal);
        const made = await this.#requester.post(
          this.#placesOf(scope).registrationToken(),
          {},
          registrationToken,
          why,
        );
        const held = { token: new Secret(made.token), expiresAt: made.expires_at, generation };
        this.#held.set(scope, held);
        return held;
      },
    ).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  #generation(scope: string): number {
    try {
      return this.#options.readToken().generation;
    } catch (error) {
      const why = error instanceof Error ? clean(error.message) : 'the token cannot be read';
      throw new GithubError('unauthorized', `cannot ${purposes.token(scope).what}: ${why}`);
    }
  }
}
