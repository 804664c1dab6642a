import { LONGEST } from '../backoff.ts';
import type {
  ClaimedRunner,
  Debt,
  Failure,
  Finished,
  Ghost,
  Given,
  Instance,
  Millis,
  Stages,
  State,
  Suspect,
} from '../model.ts';
import type { Instant } from './instant.ts';
import { restore } from './instant.ts';

/**
 * A stored state with its times on the monotonic clock of this boot. `stored` is what the clock said when it was stored.
 * After another boot, and whatever the wall clock says then, nothing lies in the future by more than its own longest
 * interval.
 */
export function carriedOver(state: State, stored: Instant, now: Instant): State {
  const by = restore(stored, now) - stored.monotonic;
  const times: Times = {
    past: (at) => Math.min(at + by, now.monotonic),
    next: (at) => Math.min(at + by, now.monotonic + LONGEST),
  };
  return {
    instances: state.instances.map((one) => instance(one, times)),
    debts: state.debts.map((one) => debt(one, times)),
    failures: state.failures.map((one) => failure(one, times)),
    // What ended with the boot before has not failed.
    suspects: stored.boot === now.boot ? state.suspects.map((one) => suspect(one, times)) : [],
    ghosts: state.ghosts.map((one) => ghost(one, times)),
    given: state.given.map((one) => given(one, times)),
    claimed: state.claimed.map((one) => claimed(one, times)),
    finished: state.finished.map((one): Finished => ({ ...one, stages: stages(one.stages, times) })),
    answeredAt: Object.fromEntries(
      Object.entries(state.answeredAt).map(([scope, at]) => [scope, times.past(at)]),
    ),
  };
}

/** How the times of one state are carried over: those that are over, and those at which something is tried again. */
interface Times {
  readonly past: (at: Millis) => Millis;
  readonly next: (at: Millis) => Millis;
}

function orNull(at: Millis | null, carry: (at: Millis) => Millis): Millis | null {
  return at === null ? null : carry(at);
}

function instance(one: Instance, times: Times): Instance {
  const { past } = times;
  return {
    ...one,
    since: past(one.since),
    refusedAt: orNull(one.refusedAt, past),
    overSince: orNull(one.overSince, past),
    stages: stages(one.stages, times),
  };
}

/** The time of queueing is a date of GitHub's and stays as it is. */
function stages({ queuedAt, ...ours }: Stages, { past }: Times): Stages {
  return {
    queuedAt,
    seenAt: orNull(ours.seenAt, past),
    reservedAt: orNull(ours.reservedAt, past),
    startedAt: orNull(ours.startedAt, past),
    readyAt: orNull(ours.readyAt, past),
    onlineAt: orNull(ours.onlineAt, past),
    busyAt: orNull(ours.busyAt, past),
    endedAt: orNull(ours.endedAt, past),
    gone: orNull(ours.gone, past),
  };
}

function debt(one: Debt, { past, next }: Times): Debt {
  return { ...one, since: past(one.since), nextTry: next(one.nextTry) };
}

function failure(one: Failure, { past, next }: Times): Failure {
  return { ...one, lastAt: past(one.lastAt), thirdAt: orNull(one.thirdAt, past), until: next(one.until) };
}

function suspect(one: Suspect, { past }: Times): Suspect {
  return { ...one, madeAt: past(one.madeAt), endedAt: past(one.endedAt) };
}

function given(one: Given, { past }: Times): Given {
  return { ...one, at: past(one.at) };
}

function ghost(one: Ghost, { past }: Times): Ghost {
  return { ...one, since: past(one.since), lastAt: past(one.lastAt) };
}

function claimed(one: ClaimedRunner, { past }: Times): ClaimedRunner {
  return { ...one, at: past(one.at), endedAt: orNull(one.endedAt, past) };
}
