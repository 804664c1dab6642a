import type { Switches } from '../options.ts';
import { HttpFailure } from '../world/failure.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

export type LimitKind = 'primary' | 'secondary';

type Account = {
  used: number;
  resetAt: number;
  points: { at: number; points: number }[];
  inFlight: number;
  secondaryUntil: number;
};

/** The values of the rate-limit headers. `reset` is in epoch seconds. */
export type RateState = {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  readonly reset: number;
};

/** Counts requests and points of each login, over virtual time. */
export class RateLimiter {
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => number;
  readonly #switches: Switches;

  constructor(now: () => number, switches: Switches) {
    this.#now = now;
    this.#switches = switches;
  }

  /** Counts a request that begins and its points. Returns the function to call when it ends. */
  begin(login: string, points: number): () => void {
    const account = this.#account(login);
    account.points.push({ at: this.#now(), points });
    account.inFlight += 1;
    return () => {
      account.inFlight -= 1;
    };
  }

  /** The refusal of a request over a limit, if it is over one. A limit lasts until its end whatever is requested. */
  refusal(login: string): HttpFailure | undefined {
    const account = this.#account(login);
    const now = this.#now();
    const tooMany =
      account.points.reduce((sum, entry) => sum + entry.points, 0) > this.#switches.pointsPerMinute ||
      account.inFlight > this.#switches.concurrentRequests;
    if (tooMany && account.secondaryUntil <= now) account.secondaryUntil = now + MINUTE;
    const status = this.#switches.limitStatus;
    if (account.secondaryUntil > now) {
      const seconds = Math.ceil((account.secondaryUntil - now) / 1000);
      return new HttpFailure(
        status,
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        this.#switches.retryAfter ? { headers: { 'retry-after': String(seconds) } } : {},
      );
    }
    if (account.used < this.#switches.primaryLimit) return undefined;
    return new HttpFailure(status, `API rate limit exceeded for user ${login}.`);
  }

  /** Counts a request towards the hourly limit. It is not called for a 304 or a refusal. */
  charge(login: string): void {
    this.#account(login).used += 1;
  }

  state(login: string): RateState {
    const account = this.#account(login);
    const limit = this.#switches.primaryLimit;
    const used = Math.min(account.used, limit);
    return { limit, used, remaining: limit - used, reset: Math.floor(account.resetAt / 1000) };
  }

  /** The headers for requests without a valid token. They are refused anyway, so none is counted. */
  anonymous(): RateState {
    return { limit: 60, used: 0, remaining: 60, reset: Math.floor((this.#now() + HOUR) / 1000) };
  }

  /** Puts the login under a limit for so many seconds from now. */
  limit(login: string, kind: LimitKind, seconds: number): void {
    const account = this.#account(login);
    const until = this.#now() + seconds * 1000;
    if (kind === 'secondary') account.secondaryUntil = until;
    else {
      account.used = this.#switches.primaryLimit;
      account.resetAt = until;
    }
  }

  #account(login: string): Account {
    const now = this.#now();
    let account = this.#accounts.get(login);
    if (account === undefined) {
      account = { used: 0, resetAt: now + HOUR, points: [], inFlight: 0, secondaryUntil: 0 };
      this.#accounts.set(login, account);
    }
    if (account.resetAt <= now) {
      account.used = 0;
      account.resetAt = now + HOUR;
    }
    while ((account.points[0]?.at ?? now) < now - MINUTE) account.points.shift();
    return account;
  }
}
