import { poolOf } from '../apply/draft.ts';
import { madeAtOf } from '../apply/outcomes.ts';
import type { Change } from '../change.ts';
import { isReadSince, runsAsOf } from '../known/freshness.ts';
import type { Known } from '../known/known.ts';
import type { Failure, Instance, Millis, State, Suspect } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Policy, RunnerClass } from '../policy.ts';
import type { Observed } from './observed.ts';

/** A class against which nothing new was counted for so long begins anew. */
const FORGOTTEN_AFTER: Millis = 3_600_000;
/** GitHub's lists may name the runner of a short job so late. */
const LIST_LAG: Millis = 30_000;

/** Whose start it was, and when that was promised. */
type Start = Pick<Suspect, 'className' | 'scope' | 'system' | 'madeAt'>;

/** Labels and system as one text: two classes with the same one start alike. */
export function shapeOf({ labels, system }: Pick<RunnerClass, 'labels' | 'system'>): string {
  const folded = labels.map((label) => label.toLowerCase()).sort();
  return [...folded, system ?? ''].join(',');
}

/** The start that an instance is. */
export function startOf(instance: Instance): Start {
  const { className, scope, system } = instance;
  return { className, scope, system, madeAt: madeAtOf(instance) };
}

/** That a start has failed; nothing when its class is gone, or has another system than it had. */
export function failedStart(
  { className, scope, system, madeAt }: Start,
  policy: Policy,
  how: { readonly endedAt: Millis; readonly at: Millis; readonly chance: number; readonly detail: string },
): readonly Change[] {
  const runnerClass = policy.classes.find((it) => it.name === className);
  if (runnerClass === undefined || (system ?? runnerClass.system) !== runnerClass.system) return [];
  return [{ kind: 'failed', className, scope, shape: shapeOf(runnerClass), madeAt, ...how }];
}

/**
 * What is known by now of containers in which no job was seen: either a job names the runner, or a read of the jobs
 * after its end does not, and its start has failed.
 */
export function verdicts(seen: Observed, policy: Policy, now: Millis, random: Random): readonly Change[] {
  const { github, state } = seen;
  if (state.suspects.length === 0) return [];
  const waiting = new Set([...github.queued, ...github.flickered].map(({ id }) => id));
  const changes: Change[] = [];
  for (const one of state.suspects) {
    const { runnerName, endedAt, detail } = one;
    const hadJob = github.byRunner.has(runnerName);
    if (!hadJob && !isRead(github, one)) continue;
    changes.push({ kind: 'settled', runnerName, hadJob });
    // A job that came and went between two reads names nobody. One that may have had it is blamed for its own only.
    if (hadJob || (mayHaveWorked(one) && !waiting.has(one.forJob))) continue;
    changes.push(...failedStart(one, policy, { endedAt, at: now, chance: random(), detail }));
  }
  return changes;
}

/** Whether it ended as runners do after a short job: well, or once it was online. */
function mayHaveWorked({ reason }: Suspect): boolean {
  return reason === 'exited-idle';
}

/** Whether GitHub was read late enough to name a job of the suspect. */
function isRead(github: Known, one: Suspect): boolean {
  const scope = github.scopes.get(one.scope);
  if (scope === undefined) return true;
  const since = one.endedAt + (mayHaveWorked(one) ? LIST_LAG : 0);
  if ((runsAsOf(scope) ?? -Infinity) <= since) return false;
  return isReadSince(scope, since);
}

/** Failures that are long ago, or of a class that has changed since. */
export function forgotten({ state }: Observed, policy: Policy, now: Millis): readonly Change[] {
  const failing = failures(state, policy);
  return state.failures
    .filter(
      (it) =>
        now - it.lastAt >= FORGOTTEN_AFTER ||
        (policy.classes.some(({ name }) => name === it.className) && !failing.has(poolOf(it))),
    )
    .map(({ className, scope }) => ({ kind: 'failures-cleared', className, scope }));
}

/** That nothing is held against any class any more. */
export function failuresCleared(state: State): readonly Change[] {
  return state.failures.map(({ className, scope }) => ({ kind: 'failures-cleared', className, scope }));
}

/** What is held against the classes as they are now, by class and scope. */
export function failures(state: State, policy: Policy): ReadonlyMap<string, Failure> {
  const shapes = new Map(policy.classes.map((it) => [it.name, shapeOf(it)]));
  return new Map(
    state.failures.filter((it) => shapes.get(it.className) === it.shape).map((it) => [poolOf(it), it]),
  );
}

/**
 * By class and scope, which container is the one try there since its newest failure: one that may still be given a job,
 * or of which it is not known yet whether it was.
 */
export function tries(state: State, failing: ReadonlyMap<string, Failure>): Map<string, string> {
  const found = new Map<string, string>();
  if (failing.size === 0) return found;
  const note = (pool: string, name: string, madeAt: Millis): void => {
    if (madeAt >= (failing.get(pool)?.lastAt ?? Infinity)) found.set(pool, name);
  };
  for (const one of state.instances) {
    if (one.phase === 'reserved' || one.phase === 'starting' || one.phase === 'idle')
      note(poolOf(one), one.name, madeAtOf(one));
  }
  for (const one of state.suspects) note(poolOf(one), one.name, one.madeAt);
  return found;
}
