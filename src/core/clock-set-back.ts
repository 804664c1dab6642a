import { LONGEST } from './backoff.ts';
import type { Millis, State } from './model.ts';

/**
 * What was noted before the clock was set back counts from now on: left as it is, it would put off time-outs, back-offs
 * and debts by as much as the clock was set back. The same state where no time lies in the future.
 */
export function caughtUp(state: State, now: Millis): State {
  const rest = (until: Millis): Millis => (until - now > LONGEST ? now : until);
  const behind =
    state.instances.some(({ since }) => since > now) ||
    state.debts.some(({ since, nextTry }) => since > now || rest(nextTry) < nextTry) ||
    state.failures.some(({ until }) => rest(until) < until) ||
    state.ghosts.some(({ lastAt }) => lastAt > now);
  if (!behind) return state;
  return {
    ...state,
    instances: state.instances.map((one) => (one.since > now ? { ...one, since: now } : one)),
    debts: state.debts.map((debt) => ({
      ...debt,
      since: Math.min(now, debt.since),
      nextTry: rest(debt.nextTry),
    })),
    failures: state.failures.map((failure) => ({ ...failure, until: rest(failure.until) })),
    ghosts: state.ghosts.map((ghost) => ({ ...ghost, lastAt: Math.min(now, ghost.lastAt) })),
  };
}
