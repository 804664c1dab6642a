import type { Millis } from '../../../core/model.ts';
import type { Clock } from '../../../core/ports.ts';
import { purposeOf } from './priority.ts';
import type { Priority } from './priority.ts';

/** GitHub renews the primary limit each hour. */
const HOUR: Millis = 60 * 60_000;

/** How far apart two answers may put the same reset: `Date` and `x-ratelimit-reset` are in whole seconds. */
const SAME_RESET: Millis = 5_000;

/** What GitHub says of the primary limit, its times by GitHub's own clock. */
export interface HourLeft {
  readonly limit: number;
  readonly remaining: number;
  /** How long from the answer until the limit is renewed. */
  readonly left: Millis;
}

/** Parts of the hourly limit, 0 to 1. */
export interface HourShares {
  /** What observation may use at once. */
  readonly burst: number;
  /** What observation leaves to registration and cleanup. */
  readonly reserve: number;
}

interface Known {
  readonly limit: number;
  /** As the newest answer said. */
  readonly remaining: number;
  readonly resetAt: Millis;
}

/** How many reserves must be left for a request to go out: who needs more stops earlier. */
const STOPS_AT: Readonly<Record<Priority, number>> = {
  turn: 1.5,
  fresh: 1.25,
  list: 1,
  cleanup: 1 / 3,
  registration: -Infinity,
};

/** Reads in turn leave this part of the burst to the others. */
const LEFT_BY_TURN = 1 / 4;

/**
 * Spreads the primary limit over its hour. Observation earns what is left above the reserve evenly until the limit is
 * renewed, and saves up one burst of it; so it follows what others use under the same identity. A request costs one
 * until its answer says that it was free.
 */
export class Hour {
  readonly #clock: Clock;
  readonly #shares: HourShares;
  /** Null until an answer told of the limit. */
  #known: Known | null = null;
  #earned = 0;
  #at: Millis;
  /** Requests that are out. */
  #out = 0;
  #paidLast: Priority | null = null;

  constructor(clock: Clock, shares: HourShares) {
    this.#clock = clock;
    this.#shares = shares;
    this.#at = clock.now();
  }

  /** How long until a request may go out, if none that is out turns out to be free; 0: now. */
  wait(priority: Priority): Millis {
    const known = this.#earn();
    if (known === null || priority === 'registration') return 0;
    const renewed = Math.max(1, known.resetAt - this.#clock.now());
    const reserve = known.limit * this.#shares.reserve;
    if (known.remaining - this.#out <= reserve * STOPS_AT[priority]) return renewed;
    if (priority === 'cleanup') return 0;
    const needed = 1 + (priority === 'turn' ? this.#burst(known.limit) * LEFT_BY_TURN : 0);
    if (this.#earned >= needed) return 0;
    const rate = Math.max(0, known.remaining - reserve) / renewed;
    return rate === 0 ? renewed : Math.min(renewed, Math.ceil((needed - this.#earned) / rate));
  }

  /** Whether `fresh` reads go before `list` reads: when little is left they take turns in what GitHub counts. */
  get freshFirst(): boolean {
    return this.#known !== null && this.#earned < 2 && this.#paidLast === 'list';
  }

  /** A request goes out. */
  sent(priority: Priority): void {
    this.#out += 1;
    if (purposeOf(priority) === 'observation') this.#earned -= 1;
  }

  /** It is over. Without an answer GitHub may have counted it. */
  over(priority: Priority, free: boolean): void {
    this.#out -= 1;
    if (purposeOf(priority) !== 'observation') return;
    if (free) this.#earned += 1;
    else this.#paidLast = priority;
  }

  /** An answer told of the limit. */
  heard({ limit, remaining, left }: HourLeft): void {
    const before = this.#earn();
    if (before === null) this.#earned += this.#burst(limit);
    const resetAt = this.#clock.now() + Math.min(Math.max(left, 0), HOUR);
    // Answers overtake each other.
    const isSame = before !== null && Math.abs(resetAt - before.resetAt) < SAME_RESET;
    this.#known = { limit, remaining: isSame ? Math.min(before.remaining, remaining) : remaining, resetAt };
  }

  #burst(limit: number): number {
    return Math.max(1, limit * this.#shares.burst);
  }

  /** Adds what was earned since. After the renewal the whole limit is there until an answer says otherwise. */
  #earn(): Known | null {
    const now = this.#clock.now();
    const passed = now - this.#at;
    this.#at = now;
    if (this.#known === null) return null;
    const { limit, remaining, resetAt } = this.#known;
    if (now >= resetAt) this.#known = { limit, remaining: limit, resetAt: now + HOUR };
    const reserve = limit * this.#shares.reserve;
    const rate = Math.max(0, remaining - reserve) / Math.max(1, resetAt - this.#at + passed);
    this.#earned = Math.min(this.#burst(limit), this.#earned + passed * rate);
    return this.#known;
  }
}
