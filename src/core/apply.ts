import { backoff, isFailureOf } from './backoff.ts';
import type { Change } from './change.ts';
import type { Debt, Finished, Ghost, Instance, Millis, Phase, State, ClaimedRunner } from './model.ts';

/** How many finished instances are kept, for people; older ones are dropped. */
const FINISHED_KEPT = 100;
/** More runners than can become busy between two polls, at the largest maximum. */
const CLAIMED_KEPT = 1_000;

/**
 * The phases in which a change may be applied. A change that comes too late is ignored, because the world went on.
 */
const FROM: Readonly<Record<'started' | 'ready' | 'online' | 'busy' | 'rename', readonly Phase[]>> = {
  rename: ['reserved'],
  started: ['reserved'],
  ready: ['reserved', 'starting', 'idle', 'busy'],
  online: ['reserved', 'starting'],
  busy: ['reserved', 'starting', 'idle'],
};

/**
 * Applies one change. No other code moves an instance from phase to phase. A change about an instance that is no longer
 * there changes nothing.
 */
export function apply(state: State, change: Change): State {
  switch (change.kind) {
    case 'answered':
      return answered(state, change);
    case 'reserve':
    case 'adopt':
      return { ...state, instances: [...state.instances, change.instance] };
    case 'rename':
      return rename(state, change);
    case 'registered':
      return update(state, change.name, (one) => ({ ...one, runnerId: change.runnerId }));
    case 'started':
      return move(state, change, (one) => ({
        ...enter(one, 'starting', change.at),
        stages: { ...one.stages, startedAt: change.at },
      }));
    case 'ready':
      return move(state, change, (one) => ({
        ...one,
        stages: { ...one.stages, readyAt: one.stages.readyAt ?? change.at },
      }));
    case 'online':
      return online(state, change);
    case 'busy':
      return busy(state, change);
    case 'job':
      return update(state, change.name, (one) => ({
        ...one,
        job: change.job,
        // A refusal to deregister told that it is busy, and no more: the job may have begun only now.
        stages: one.job === null ? { ...one.stages, busyAt: change.at } : one.stages,
      }));
    case 'over':
      return update(state, change.name, (one) => ({ ...one, overSince: change.at }));
    case 'claim-over':
      return {
        ...state,
        claimed: state.claimed.filter(({ runnerName }) => runnerName !== change.runnerName),
      };
    case 'stop':
      return stop(state, change);
    case 'release':
      return release(state, change);
    case 'failed':
      return failed(state, change);
    case 'orphan-found':
      return addDebt(state, change.debt);
    case 'debt-cleared':
      return { ...state, debts: state.debts.filter((debt) => debt.runnerName !== change.runnerName) };
    case 'refused':
      return {
        ...state,
        debts: state.debts.map((debt) =>
          debt.runnerName === change.runnerName
            ? {
                ...debt,
                runnerId: change.runnerId ?? debt.runnerId,
                reason: change.reason,
                nextTry: change.nextTry,
                attempts: debt.attempts + (change.attempt ? 1 : 0),
              }
            : debt,
        ),
      };
    case 'hold-released':
      return { ...state, ghosts: state.ghosts.filter((ghost) => ghost.jobId !== change.jobId) };
  }
}

/** Several changes, in order. */
export function applyAll(state: State, changes: readonly Change[]): State {
  return changes.reduce(apply, state);
}

function update(state: State, name: string, next: (instance: Instance) => Instance): State {
  return { ...state, instances: state.instances.map((one) => (one.name === name ? next(one) : one)) };
}

function move(
  state: State,
  change: { readonly kind: keyof typeof FROM; readonly name: string },
  next: (instance: Instance) => Instance,
): State {
  return update(state, change.name, (one) => (FROM[change.kind].includes(one.phase) ? next(one) : one));
}

function enter(instance: Instance, phase: Phase, at: Millis): Instance {
  return { ...instance, phase, since: at, unansweredFor: 0 };
}

function find(state: State, name: string): Instance | undefined {
  return state.instances.find((one) => one.name === name);
}

/**
 * Time in which GitHub gave no word on the runners of an instance's scope does not count towards its start and idle
 * time-outs.
 */
function answered(state: State, { scope, at, slack }: Extract<Change, { kind: 'answered' }>): State {
  const before = state.answeredAt[scope] ?? at;
  const withGap = (one: Instance): Instance =>
    one.scope === scope && (one.phase === 'starting' || one.phase === 'idle')
      ? { ...one, unansweredFor: one.unansweredFor + Math.max(0, at - Math.max(before, one.since)) }
      : one;
  return {
    ...state,
    answeredAt: { ...state.answeredAt, [scope]: at },
    instances: at - before > slack ? state.instances.map(withGap) : state.instances,
  };
}

function rename(state: State, change: Extract<Change, { kind: 'rename' }>): State {
  const one = find(state, change.name);
  if (one === undefined || !FROM.rename.includes(one.phase)) return state;
  const renamed = update(state, change.name, (it) => ({
    ...it,
    runnerName: change.runnerName,
    runnerId: null,
  }));
  return addDebt(renamed, debtOf(one, change.at, 0));
}

function online(state: State, change: Extract<Change, { kind: 'online' }>): State {
  const one = find(state, change.name);
  if (one === undefined || !FROM.online.includes(one.phase)) return state;
  const next = update(state, change.name, (it) => ({
    ...enter(it, 'idle', change.at),
    stages: { ...it.stages, onlineAt: change.at },
  }));
  return succeeded(next, change.name);
}

function busy(state: State, change: Extract<Change, { kind: 'busy' }>): State {
  const one = find(state, change.name);
  if (one === undefined) return state;
  const refusedAt = change.job === null ? change.at : one.refusedAt;
  if (one.phase === 'busy') return update(state, change.name, (it) => ({ ...it, refusedAt }));
  if (!FROM.busy.includes(one.phase)) return state;
  // Nobody saw the job begin in one that was adopted: its time-out counts from the start of its container.
  const unseen = one.phase === 'starting' && one.stages.reservedAt === null;
  const busyAt = unseen ? (one.stages.startedAt ?? change.at) : change.at;
  const next = update(state, change.name, (it) => ({
    ...enter(it, 'busy', change.at),
    job: change.job,
    refusedAt,
    stages: {
      ...it.stages,
      startedAt: it.stages.startedAt ?? change.at,
      onlineAt: it.stages.onlineAt ?? change.at,
      busyAt,
    },
  }));
  // A job whose id GitHub has told is listed as in progress, no longer as queued: demand needs no correction.
  const named = change.job !== null && change.job.id !== null;
  const counted = named ? next : claim(next, one, change.at, null, change.job?.runId ?? null);
  return succeeded(counted, change.name);
}

function claim(
  state: State,
  one: Instance,
  at: Millis,
  endedAt: Millis | null,
  runId: number | null,
  unproven = false,
): State {
  const { className, scope, forJob, runnerName } = one;
  const claimed: ClaimedRunner = { className, scope, runnerName, at, endedAt, forJob, runId, unproven };
  return { ...state, claimed: [...state.claimed, claimed].slice(-CLAIMED_KEPT) };
}

/** A runner of the instance's class came up, so the class works in that scope: its failures there are forgotten. */
function succeeded(state: State, name: string): State {
  const one = find(state, name);
  if (one === undefined) return state;
  return { ...state, failures: state.failures.filter((failure) => !isFailureOf(failure, one)) };
}

function stop(state: State, change: Extract<Change, { kind: 'stop' }>): State {
  const one = find(state, change.name);
  if (one === undefined) return state;
  if (one.stop !== null) {
    const { stop: before } = one;
    return update(state, change.name, (it) => ({
      ...it,
      registered: it.registered && !change.deregistered,
      stop: { ...before, clean: before.clean && change.clean },
    }));
  }
  const { reason, clean, detail } = change;
  let next = update(state, change.name, (it) => ({
    ...enter(it, 'stopping', change.at),
    registered: it.registered && !change.deregistered,
    stop: { reason, clean, detail },
    stages: { ...it.stages, endedAt: change.at },
  }));
  next = {
    ...next,
    claimed: next.claimed.map((it) =>
      it.runnerName === one.runnerName ? { ...it, endedAt: change.at } : it,
    ),
  };
  if (reason === 'exited-idle') next = claim(next, one, change.at, change.at, null, one.phase !== 'idle');
  if (reason === 'idle-timeout') next = strike(next, one, change.at);
  return next;
}

function strike(state: State, one: Instance, at: Millis): State {
  const before = state.ghosts.find(
    (ghost) => ghost.jobId === one.forJob && ghost.runAttempt === one.forAttempt,
  );
  const ghost: Ghost = {
    jobId: one.forJob,
    runAttempt: one.forAttempt,
    strikes: (before?.strikes ?? 0) + 1,
    lastAt: at,
  };
  return { ...state, ghosts: [...state.ghosts.filter((it) => it.jobId !== one.forJob), ghost] };
}

function release(state: State, change: Extract<Change, { kind: 'release' }>): State {
  const one = find(state, change.name);
  if (one?.stop == null) return state;
  const finished: Finished = {
    name: one.name,
    runnerName: one.runnerName,
    className: one.className,
    scope: one.scope,
    forJob: one.forJob,
    job: one.job,
    reason: one.stop.reason,
    detail: one.stop.detail,
    stages: { ...one.stages, gone: change.at },
  };
  const next: State = {
    ...state,
    instances: state.instances.filter((it) => it !== one),
    finished: [...state.finished, finished].slice(-FINISHED_KEPT),
  };
  return one.registered ? addDebt(next, debtOf(one, change.at, change.grace)) : next;
}

function debtOf(one: Instance, at: Millis, grace: Millis): Debt {
  return {
    runnerName: one.runnerName,
    runnerId: one.runnerId,
    scope: one.scope,
    since: at,
    reason: null,
    attempts: 0,
    nextTry: at + grace,
  };
}

function addDebt(state: State, debt: Debt): State {
  const known = state.debts.some((it) => it.runnerName === debt.runnerName);
  return known ? state : { ...state, debts: [...state.debts, debt] };
}

function failed(state: State, change: Extract<Change, { kind: 'failed' }>): State {
  const { className, scope, at, chance, detail } = change;
  const before = state.failures.find((it) => isFailureOf(it, change));
  // Starts that were under way when the first of them failed count as one failure, not as many in a row.
  if (before !== undefined && at < before.until) return state;
  const count = (before?.count ?? 0) + 1;
  return {
    ...state,
    failures: [
      ...state.failures.filter((it) => it !== before),
      { className, scope, count, until: at + backoff(count, chance), detail },
    ],
  };
}
