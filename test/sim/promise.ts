import { LONGEST } from '../../src/core/backoff.ts';
import type { Millis, State } from '../../src/core/model.ts';

/** A promise of the contract's section 5 was broken; `told` says how, in one sentence. */
export function broken(promise: number, told: string): never {
  throw new Error(`promise ${promise}: ${told}`);
}

/** What must hold of a state that was loaded, whatever was done to the wall clock before and since. */
export function checkLoaded({ instances, debts, failures, ghosts, claimed }: State, now: Millis): void {
  const past = [...instances, ...debts].map((it) => it.since);
  past.push(...ghosts.map((it) => it.lastAt), ...claimed.map((it) => it.at));
  if (past.some((at) => at > now)) broken(1, 'what is over lies in the future');
  const next = [...debts.map((it) => it.nextTry), ...failures.map((it) => it.until)];
  if (next.some((at) => at > now + LONGEST)) broken(1, 'waits for longer than it ever may');
}
