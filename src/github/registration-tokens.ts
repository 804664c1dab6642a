import { abortable, withDeadline } from '../abort.ts';
import { GithubError } from '../core/errors.ts';
import type { Millis } from '../core/model.ts';
import type { Sealed } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { clean } from '../core/text.ts';
import { transportError } from './errors.ts';
import type { GithubOptions } from './options.ts';
import { ask, purposes } from './purposes.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Requester } from './rest/requester.ts';
import { abortedBy } from './rest/transport.ts';
import type { Tuning } from './tuning.ts';
import { registrationToken } from './wire.ts';

/** How long a token must still be valid when it is handed out, so that the container has time to use it. */
const SPARE: Millis = 5 * 60_000;
/** How long a token is valid by GitHub's documentation; a wall clock that is slow must not prolong it. */
const LIFETIME: Millis = 60 * 60_000;

interface Held {
  readonly token: Sealed;
  readonly expiresAt: Millis;
}

/**
 * Keeps one registration token for each scope and credential. A token registers any number of runners within its hour,
 * and a request for each job would use up the primary limit.
 */
export class RegistrationTokens {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #requester: Requester;
  readonly #urlsOf: (scope: string) => RepositoryUrls;
  readonly #held = new Map<string, Held & { readonly generation: number }>();
  readonly #flights = new Map<string, Promise<Held>>();

  constructor(
    options: GithubOptions,
    tuning: Tuning,
    requester: Requester,
    urlsOf: (scope: string) => RepositoryUrls,
  ) {
    this.#options = options;
    this.#tuning = tuning;
    this.#requester = requester;
    this.#urlsOf = urlsOf;
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

  /**
   * Asks once for all who wait. So the request has a deadline of its own and is not aborted with the first caller.
   */
  #fly(key: string, scope: string, generation: number): Promise<Held> {
    const flight = withDeadline(new AbortController().signal, this.#tuning.tokenTimeout, async (signal) => {
      const why = ask(purposes.token(scope), 'registration', signal);
      const made = await this.#requester.post(
        this.#urlsOf(scope).registrationToken(),
        {},
        registrationToken,
        why,
      );
      const { clock } = this.#options;
      const expiresAt = clock.now() + Math.min(LIFETIME, made.expires_at - clock.wall());
      const held = { token: new Secret(made.token), expiresAt, generation };
      this.#held.set(scope, held);
      return held;
    }).finally(() => this.#flights.delete(key));
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
