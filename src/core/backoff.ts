import type { Failure, Millis } from './model.ts';

/** Failed starts of a class, and debts, are tried again after 5 s at first and after 5 min at most. */
const FIRST: Millis = 5_000;
export const LONGEST: Millis = 300_000;

/**
 * How long to wait after the `count`-th failure in a row, between half and all of the exponential step, so that
 * things that failed together are not tried again together.
 * @param chance from [0, 1)
 */
export function backoff(count: number, chance: number): Millis {
  const step = Math.min(LONGEST, FIRST * 2 ** Math.max(0, count - 1));
  return Math.round(step * (0.5 + chance / 2));
}

/** Whether the failure keeps this class from being tried in this scope. */
export function isFailureOf(
  { className, scope }: Failure,
  of: { readonly className: string; readonly scope: string },
): boolean {
  return className === of.className && (scope === null || scope === of.scope);
}
