import type { Millis } from './model.ts';

/** Failed starts of a class, and debts, are tried again after 5 s at first and after 10 min in the long run. */
const FIRST: Millis = 5_000;
const LAST: Millis = 600_000;
/** How much longer than its step a wait may be, so that things that failed together are not tried again together. */
const JITTER = 0.25;
/** The longest wait there is. */
export const LONGEST: Millis = LAST * (1 + JITTER);

/**
 * How long to wait after the `count`-th failure in a row: the exponential step and up to a quarter more. From the first
 * failure on an hour has room for eleven tries, however short they are.
 * @param chance from [0, 1)
 */
export function backoff(count: number, chance: number): Millis {
  return jittered(doubled(FIRST, LAST, count), chance);
}

/** The `count`-th of waits in a row, from 1: twice as long each time, from `first` to `longest`. */
export function doubled(first: Millis, longest: Millis, count: number): Millis {
  return Math.min(longest, first * 2 ** Math.max(0, count - 1));
}

/**
 * A wait, or up to a quarter more.
 * @param chance from [0, 1)
 */
export function jittered(wait: Millis, chance: number): Millis {
  return Math.round(wait * (1 + chance * JITTER));
}
