/**
 * How the stored state changes, and the only code that writes it. It decides nothing: changes are made by the plan and by
 * effects. Start with `applyAll`; `draft.ts` is a state while it changes, and `outcomes.ts` what the fate of starts and jobs
 * means for those after them.
 */

import type { Change } from '../change.ts';
import type { Debt, Instance, Millis, Phase, State } from '../model.ts';
import { Draft, poolOf } from './draft.ts';
import { ended, failed, jobBegan, settled } from './outcomes.ts';

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
 * Applies changes in order. No other code moves an instance from phase to phase. A change about an instance that is no
 * longer there changes nothing. It takes time linear in changes and records.
 * @param told is called before each change, with the instance that it names as that was
 */
export function applyAll(
  state: State,
  changes: readonly Change[],
  told: (change: Change, one: Instance | undefined) => void = () => undefined,
): State {
  const draft = new Draft(state);
  for (const change of changes) {
    told(change, 'name' in change ? draft.instances.get(change.name) : undefined);
    applyTo(draft, change);
  }
  return draft.state;
}

function applyTo(draft: Draft, change: Change): void {
  switch (change.kind) {
    case 'answered':
      return answered(draft, change);
    case 'reserve':
    case 'adopt':
      return draft.instances.add(change.instance);
    case 'rename':
      return rename(draft, change);
    case 'registered':
      return update(draft, change.name, (one) => ({ ...one, runnerId: change.runnerId }));
    case 'started':
      return move(draft, change, (one) => ({
        ...enter(one, 'starting', change.at),
        stages: { ...one.stages, startedAt: change.at },
      }));
    case 'ready':
      return move(draft, change, (one) => ({
        ...one,
        stages: { ...one.stages, readyAt: one.stages.readyAt ?? change.at },
      }));
    case 'online':
      return move(draft, change, (one) => ({
        ...enter(one, 'idle', change.at),
        stages: { ...one.stages, onlineAt: change.at },
      }));
    case 'busy':
      return busy(draft, change);
    case 'job':
      return job(draft, change);
    case 'over':
      return update(draft, change.name, (one) => ({ ...one, overSince: change.at }));
    case 'claim-over':
      return draft.claimed.delete(change.runnerName);
    case 'stop':
      return stop(draft, change);
    case 'release':
      return release(draft, change);
    case 'failed':
      return failed(draft, change);
    case 'failures-cleared':
      return draft.failures.delete(poolOf(change));
    case 'settled':
      return settled(draft, change);
    case 'orphan-found':
      return addDebt(draft, change.debt);
    case 'debt-cleared':
      return draft.debts.delete(change.runnerName);
    case 'refused':
      return refused(draft, change);
    case 'hold-released':
      return draft.ghosts.delete(change.jobId);
  }
}

function update(draft: Draft, name: string, next: (instance: Instance) => Instance): void {
  const one = draft.instances.get(name);
  if (one !== undefined) draft.instances.set(next(one));
}

function move(
  draft: Draft,
  change: { readonly kind: keyof typeof FROM; readonly name: string },
  next: (instance: Instance) => Instance,
): void {
  update(draft, change.name, (one) => (FROM[change.kind].includes(one.phase) ? next(one) : one));
}

function enter(instance: Instance, phase: Phase, at: Millis): Instance {
  return { ...instance, phase, since: at, unansweredFor: 0 };
}

/**
 * Time in which GitHub gave no word on the runners of an instance's scope does not count towards its start and idle
 * time-outs.
 */
function answered(draft: Draft, { scope, at, slack }: Extract<Change, { kind: 'answered' }>): void {
  const before = draft.answeredAt[scope] ?? at;
  draft.answeredAt = { ...draft.answeredAt, [scope]: at };
  if (at - before <= slack) return;
  draft.instances.update((one) =>
    one.scope === scope && (one.phase === 'starting' || one.phase === 'idle')
      ? { ...one, unansweredFor: one.unansweredFor + Math.max(0, at - Math.max(before, one.since)) }
      : one,
  );
}

function rename(draft: Draft, change: Extract<Change, { kind: 'rename' }>): void {
  const one = draft.instances.get(change.name);
  if (one === undefined || !FROM.rename.includes(one.phase)) return;
  draft.instances.set({ ...one, runnerName: change.runnerName, runnerId: null });
  addDebt(draft, debtOf(one, change.at, 0));
}

function busy(draft: Draft, change: Extract<Change, { kind: 'busy' }>): void {
  const one = draft.instances.get(change.name);
  if (one === undefined) return;
  const refusedAt = change.job === null ? change.at : one.refusedAt;
  if (one.phase === 'busy') return draft.instances.set({ ...one, refusedAt });
  if (!FROM.busy.includes(one.phase)) return;
  // Nobody saw the job begin in one that was adopted: its time-out counts from the start of its container.
  const unseen = one.phase === 'starting' && one.stages.reservedAt === null;
  const busyAt = unseen ? (one.stages.startedAt ?? change.at) : change.at;
  draft.instances.set({
    ...enter(one, 'busy', change.at),
    job: change.job,
    refusedAt,
    stages: {
      ...one.stages,
      startedAt: one.stages.startedAt ?? change.at,
      onlineAt: one.stages.onlineAt ?? change.at,
      busyAt,
    },
  });
  // A job whose id GitHub has told is listed as in progress, no longer as queued: demand needs no correction.
  const named = change.job !== null && change.job.id !== null;
  if (!named) claim(draft, one, change.at, change.job?.runId ?? null);
  // A refusal to deregister alone does not say that a job began.
  if (change.job !== null) jobBegan(draft, one, change.at);
}

function job(draft: Draft, change: Extract<Change, { kind: 'job' }>): void {
  const one = draft.instances.get(change.name);
  if (one === undefined) return;
  if (one.job !== null) return draft.instances.set({ ...one, job: change.job });
  // A refusal to deregister told that it is busy, and no more: the job may have begun only now.
  draft.instances.set({ ...one, job: change.job, stages: { ...one.stages, busyAt: change.at } });
  jobBegan(draft, one, change.at);
}

function claim(draft: Draft, one: Instance, at: Millis, runId: number | null): void {
  const { className, scope, forJob, runnerName } = one;
  draft.claimed.set({ className, scope, runnerName, at, endedAt: null, forJob, runId });
}

function stop(draft: Draft, change: Extract<Change, { kind: 'stop' }>): void {
  const one = draft.instances.get(change.name);
  if (one === undefined) return;
  const registered = one.registered && !change.deregistered;
  if (one.stop !== null) {
    const { stop: before } = one;
    draft.instances.set({ ...one, registered, stop: { ...before, clean: before.clean && change.clean } });
    return;
  }
  const { reason, clean, detail } = change;
  draft.instances.set({
    ...enter(one, 'stopping', change.at),
    registered,
    stop: { reason, clean, detail },
    stages: { ...one.stages, endedAt: change.at },
  });
  const claimed = draft.claimed.get(one.runnerName);
  if (claimed !== undefined) draft.claimed.set({ ...claimed, endedAt: change.at });
  ended(draft, one, change);
}

function release(draft: Draft, change: Extract<Change, { kind: 'release' }>): void {
  const one = draft.instances.get(change.name);
  if (one?.stop == null) return;
  draft.finish({
    name: one.name,
    runnerName: one.runnerName,
    className: one.className,
    scope: one.scope,
    forJob: one.forJob,
    job: one.job,
    reason: one.stop.reason,
    detail: one.stop.detail,
    stages: { ...one.stages, gone: change.at },
  });
  draft.instances.delete(one.name);
  if (one.registered) addDebt(draft, debtOf(one, change.at, change.grace));
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

function addDebt(draft: Draft, debt: Debt): void {
  if (draft.debts.get(debt.runnerName) === undefined) draft.debts.set(debt);
}

function refused(draft: Draft, change: Extract<Change, { kind: 'refused' }>): void {
  const debt = draft.debts.get(change.runnerName);
  if (debt === undefined) return;
  draft.debts.set({
    ...debt,
    runnerId: change.runnerId ?? debt.runnerId,
    reason: change.reason,
    nextTry: change.nextTry,
    attempts: debt.attempts + (change.attempt ? 1 : 0),
  });
}
