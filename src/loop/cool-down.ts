import type { Millis } from '../core/model.ts';

/** A failed effect is left alone this long at first, and this long at most, before the plan may ask for it again. */
const FIRST: Millis = 1_000;
const LONGEST: Millis = 30_000;

/** Which effects have failed of late, and until when each is left alone. */
export class CoolDown {
  readonly #byKey = new Map<string, { readonly count: number; readonly until: Millis }>();

  isCooling(key: string, now: Millis): boolean {
    const entry = this.#byKey.get(key);
    return entry !== undefined && entry.until > now;
  }

  /** It failed once more. */
  begin(key: string, now: Millis): void {
    const count = (this.#byKey.get(key)?.count ?? 0) + 1;
    this.#byKey.set(key, { count, until: now + Math.min(LONGEST, FIRST * 2 ** (count - 1)) });
  }

  /** It succeeded. */
  end(key: string): void {
    this.#byKey.delete(key);
  }

  /** Forgets effects that nobody has asked for since their time was over: the plan no longer wants them. */
  forget(now: Millis): void {
    for (const [key, { until }] of this.#byKey) if (until + LONGEST < now) this.#byKey.delete(key);
  }
}
