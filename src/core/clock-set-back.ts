import { LONGEST } from './backoff.ts';
import type { Millis, State } from './model.ts';

/**
 * Moves stored times that lie in the future to now. They were noted before the clock was set back, and would put off
 * time-outs, back-offs and debts by as much as it was set back. Returns the same state where there is none.
 */
export function caughtUp(state: State, now: Millis): State {
  const bounded = (until: Millis): Millis => (until - now > LONGEST ? now : until);
  const behind =
    state.instances.some(({ since }) => since > now) ||
    state.debts.some(({ since, nextTry }) => since > now || bounded(nextTry) < nextTry) ||
    state.failures.some(({ until }) => bounded(until) < until) ||
    state.ghosts.some(({ lastAt }) => lastAt > now);
  if (!behind) return state;
  return {
    ...state,
    instances: state.instances.map((one) => (one.since > now ? { ...one, since: now } : one)),
    debts: state.debts.map((debt) => ({
      ...debt,
      since: Math.min(now, debt.since),
      nextTry: bounded(debt.nextTry),
    })),
    failures: state.failures.map((failure) => ({ ...failure, until: bounded(failure.until) })),
    ghosts: state.ghosts.map((ghost) => ({ ...ghost, lastAt: Math.min(now, ghost.lastAt) })),
  };
}
