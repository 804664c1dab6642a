import type { Container, HostObservation, Seen } from '../observation.ts';
import type { Millis, State } from '../model.ts';
import type { Policy } from '../policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Everything a plan is made from. */
export interface Observed {
  readonly state: State;
  /** Null before GitHub was first asked. */
  readonly github: Snapshot | null;
  readonly host: Seen<HostObservation>;
  /**
   * Names, of instances and of runners, that an effect is at work on, or was when the host was asked: what was
   * seen of them may be half of it, and they are left alone.
   */
  readonly inFlight: ReadonlySet<string>;
  readonly draining: boolean;
}

/**
 * How much later than the poll interval a look may come before GitHub counts as not having answered: more than a look
 * at many runs may take.
 */
const POLL_SLACK: Millis = 90_000;

/** How far apart two looks at GitHub are at most when all is well. */
export function pollSlack(policy: Policy): Millis {
  return policy.pollInterval + POLL_SLACK;
}

/** GitHub answered all that was asked of this scope: its time-outs may run, and what it lacks is lacking. */
export function githubAnswers(seen: Observed, scope: string): boolean {
  const { github } = seen;
  return github !== null && github.trouble === null && !github.unreadScopes.has(scope);
}

/** The containers by name. */
export function containersOf(host: HostObservation): ReadonlyMap<string, Container> {
  return new Map(host.containers.map((container) => [container.name, container]));
}

/** The time-out of one job in an instance of this class. */
export function jobTimeoutOf(policy: Policy, className: string): Millis {
  return policy.classes.find((it) => it.name === className)?.jobTimeout ?? policy.jobTimeout;
}
