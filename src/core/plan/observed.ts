import type { Millis, State } from '../model.ts';
import type { Container, HostObservation, Seen } from '../observation.ts';
import type { Policy } from '../policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Everything a plan is made from. */
export interface Observed {
  readonly state: State;
  /** Null before GitHub was first asked. */
  readonly github: Snapshot | null;
  readonly host: Seen<HostObservation>;
  /**
   * Names of instances and runners that an effect works on now, or worked on while the host was read. What was seen of
   * them may be half done, so the plan leaves them alone.
   */
  readonly inFlight: ReadonlySet<string>;
  readonly draining: boolean;
}

/**
 * How much longer than the poll interval it may take until the next poll, before GitHub counts as not having
 * answered. A poll of many runs takes less than this.
 */
const POLL_SLACK: Millis = 90_000;

/** How far apart two polls are at most when all is well. */
export function pollSlack(policy: Policy): Millis {
  return policy.pollInterval + POLL_SLACK;
}

/** Whether the newest poll read all of this scope, so that what it does not list does not exist. */
export function githubAnswers(seen: Observed, scope: string): boolean {
  const { github } = seen;
  return github !== null && github.trouble === null && !github.unreadScopes.has(scope);
}

/** The containers by name. */
export function containersOf(host: HostObservation): ReadonlyMap<string, Container> {
  return new Map(host.containers.map((container) => [container.name, container]));
}

/** The job time-out of instances of this class. */
export function jobTimeoutOf(policy: Policy, className: string): Millis {
  return policy.classes.find((it) => it.name === className)?.jobTimeout ?? policy.jobTimeout;
}
