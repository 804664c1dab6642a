import { doubled } from '../core/backoff.ts';
import type { Millis } from '../core/model.ts';

/** The first and the longest cool-down of a failed effect; while it lasts the effect is not tried again. */
const FIRST: Millis = 1_000;
const LONGEST: Millis = 30_000;

/** The effects that failed lately, and until when each of them is left alone. */
export class CoolDown {
  readonly #byKey = new Map<string, { readonly count: number; readonly until: Millis }>();

  isCooling(key: string, now: Millis): boolean {
    const entry = this.#byKey.get(key);
    return entry !== undefined && entry.until > now;
  }

  /** Begins a cool-down after a failure, twice as long as the one before. */
  begin(key: string, now: Millis): void {
    const count = (this.#byKey.get(key)?.count ?? 0) + 1;
    this.#byKey.set(key, { count, until: now + doubled(FIRST, LONGEST, count) });
  }

  /** Ends the cool-down after a success. */
  end(key: string): void {
    this.#byKey.delete(key);
  }

  /** Forgets effects whose cool-down ended long ago: the plan no longer asks for them. */
  forget(now: Millis): void {
    for (const [key, { until }] of this.#byKey) if (until + LONGEST < now) this.#byKey.delete(key);
  }
}
