import type { Known } from '../known/known.ts';
import type { Millis, State } from '../model.ts';
import type { Container, HostObservation, Seen } from '../observation.ts';
import type { Policy } from '../policy.ts';

/** Everything a plan is made from. */
export interface Observed {
  readonly state: State;
  readonly github: Known;
  readonly host: Seen<HostObservation>;
  /**
   * Names of instances and runners that an effect works on now, or worked on while the host was read. What was seen of
   * them may be half done, so the plan leaves them alone.
   */
  readonly inFlight: ReadonlySet<string>;
  readonly draining: boolean;
}

/** How old a list may be, at least, before it counts as not having been answered. */
const FRESH_AT_LEAST: Millis = 60_000;

/** How old the answer about a part that is asked for in every poll may be, before it counts as unanswered. */
export function freshFor({ pollInterval }: Pick<Policy, 'pollInterval'>): Millis {
  return Math.max(3 * pollInterval, FRESH_AT_LEAST);
}

/**
 * When GitHub last gave its word on the runners of a scope, or null when that was too long ago: meanwhile it may have given
 * one of them a job.
 */
export function freshRunners(
  { github }: Observed,
  scope: string,
  policy: Policy,
  now: Millis,
): Millis | null {
  const asOf = github.runnersAsOf(scope);
  return asOf !== null && now - asOf <= freshFor(policy) && github.limitedAt(now) === null ? asOf : null;
}

/** The containers by name. */
export function containersOf(host: HostObservation): ReadonlyMap<string, Container> {
  return new Map(host.containers.map((container) => [container.name, container]));
}

/** The job time-out of instances of this class. */
export function jobTimeoutOf(policy: Policy, className: string): Millis {
  return policy.classes.find((it) => it.name === className)?.jobTimeout ?? policy.jobTimeout;
}
