import type { Millis } from '../core/model.ts';

/** A failed effect rests this long at first, and this long at most, before the plan's next wish for it is heard. */
const FIRST: Millis = 1_000;
const LONGEST: Millis = 30_000;

/** Which effects have failed of late, and until when each is left alone. */
export class Rests {
  readonly #byKey = new Map<string, { readonly count: number; readonly until: Millis }>();

  isResting(key: string, now: Millis): boolean {
    const rest = this.#byKey.get(key);
    return rest !== undefined && rest.until > now;
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

  /** Forgets what nobody has wished for since its rest ended: it was settled in another way. */
  forget(now: Millis): void {
    for (const [key, { until }] of this.#byKey) if (until + LONGEST < now) this.#byKey.delete(key);
  }
}
