import { backoff } from '../backoff.ts';
import type { Change } from '../change.ts';
import type { Ghost, Instance, Millis } from '../model.ts';
import { durationText } from '../text.ts';
import type { Draft } from './draft.ts';
import { poolOf } from './draft.ts';

/** From the third failure in a row on a class is one in which nothing starts. */
const THIRD = 3;
/** How an instance ends that may be a failed start: by itself, or not online in time. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['exited-idle', 'died-starting', 'never-online']);

/**
 * A job began in a runner of this class and scope. So starts work there, and GitHub gives out jobs: what is held there
 * because nobody was given any is held no more. Of what is newer than that beginning it says nothing.
 */
export function jobBegan(
  draft: Draft,
  of: { readonly className: string; readonly scope: string },
  at: Millis,
): void {
  const pool = poolOf(of);
  const before = draft.given.get(pool)?.at ?? -Infinity;
  if (at >= (draft.failures.get(pool)?.lastAt ?? -Infinity)) draft.failures.delete(pool);
  draft.ghosts.keep(
    (ghost) => poolOf(ghost) !== pool || isGivenSince(ghost, before) || !isGivenSince(ghost, at),
  );
  draft.given.set({ className: of.className, scope: of.scope, at: Math.max(before, at) });
}

/** Whether others were given jobs since runners idle in vain for this one. `at`: when the last of them was. */
export function isGivenSince({ since }: Ghost, at: Millis): boolean {
  return at > since;
}

/** What the end of an instance may mean: a failed start, or a job that GitHub gives to none of the runners made for it. */
export function ended(draft: Draft, one: Instance, change: Extract<Change, { kind: 'stop' }>): void {
  if (SUSPICIOUS.has(change.reason)) suspect(draft, one, change);
  if (change.reason === 'idle-timeout') strike(draft, one, change.at);
}

/** When the promise of an instance was made, or its container began where that is not known. */
export function madeAtOf({ stages, since }: Instance): Millis {
  return stages.reservedAt ?? stages.startedAt ?? since;
}

function suspect(draft: Draft, one: Instance, change: Extract<Change, { kind: 'stop' }>): void {
  const { runnerName, name, className, scope, system, forJob, forAttempt, since } = one;
  const { reason, at } = change;
  draft.suspects.set({
    runnerName,
    name,
    className,
    scope,
    system,
    forJob,
    forAttempt,
    reason,
    detail: reason === 'never-online' ? `not online after ${durationText(at - since)}` : change.detail,
    madeAt: madeAtOf(one),
    endedAt: at,
  });
}

function strike(draft: Draft, one: Instance, at: Millis): void {
  const { forJob: jobId, forAttempt: runAttempt, className, scope } = one;
  const known = draft.ghosts.get(jobId);
  const before = known?.runAttempt === runAttempt ? known : undefined;
  draft.ghosts.set({
    jobId,
    runAttempt,
    className,
    scope,
    strikes: (before?.strikes ?? 0) + 1,
    since: before?.since ?? one.since,
    lastAt: at,
  });
}

/** It is known of a suspect whether a job began in it. */
export function settled(draft: Draft, change: Extract<Change, { kind: 'settled' }>): void {
  const one = draft.suspects.get(change.runnerName);
  if (one === undefined) return;
  draft.suspects.delete(change.runnerName);
  if (change.hadJob) jobBegan(draft, one, one.endedAt);
}

/** A start has failed: its class backs off in its scope. */
export function failed(draft: Draft, change: Extract<Change, { kind: 'failed' }>): void {
  const { className, scope, shape, madeAt, endedAt, at, chance, detail } = change;
  const known = draft.failures.get(poolOf(change));
  const before = known?.shape === shape ? known : undefined;
  // Starts that were under way when one of them failed count as one failure, not as many in a row.
  if (before !== undefined && madeAt < before.lastAt) return;
  const count = (before?.count ?? 0) + 1;
  draft.failures.set({
    className,
    scope,
    shape,
    count,
    lastAt: at,
    thirdAt: before?.thirdAt ?? (count === THIRD ? at : null),
    until: endedAt + backoff(count, chance),
    detail,
  });
}
