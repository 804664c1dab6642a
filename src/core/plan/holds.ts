import { poolOf } from '../apply/draft.ts';
import { isGivenSince } from '../apply/outcomes.ts';
import { doubled } from '../backoff.ts';
import { isRead } from '../known/freshness.ts';
import type { Ghost, Millis, State } from '../model.ts';
import type { Job } from '../observation.ts';
import type { Observed } from './observed.ts';

/** A job is held once so many instances that were made for it reached the idle time-out. */
const STRIKES = 2;
/** How long it is held then, and twice as long after each further one. */
const FIRST: Millis = 60_000;
const LONGEST: Millis = 3_600_000;

/** How long a job is held after so many of its runners idled in vain. */
export function heldFor(strikes: number): Millis {
  return doubled(FIRST, LONGEST, strikes - STRIKES + 1);
}

/**
 * What keeps a job from counting as demand.
 * `held`: GitHub gave jobs to others meanwhile, so it is this job that it does not give out.
 * `nobody`: no runner of this class and scope was given any, so it is GitHub; one runner there waits for the first.
 */
export type Held =
  | { readonly kind: 'held'; readonly strikes: number; readonly until: Millis }
  | { readonly kind: 'nobody'; readonly strikes: number; readonly pool: string };

/** Answers for each job whether it is held. */
export function holder({ ghosts, given }: State, now: Millis): (job: Job) => Held | null {
  const byJob = new Map(ghosts.map((ghost) => [ghost.jobId, ghost]));
  const lastGiven = new Map(given.map((it) => [poolOf(it), it.at]));
  return ({ id, runAttempt }) => {
    const ghost = byJob.get(id);
    if (ghost === undefined || ghost.runAttempt !== runAttempt || ghost.strikes < STRIKES) return null;
    const { strikes } = ghost;
    const pool = poolOf(ghost);
    if (!isGivenSince(ghost, lastGiven.get(pool) ?? -Infinity)) return { kind: 'nobody', strikes, pool };
    const until = ghost.lastAt + heldFor(strikes);
    return now < until ? { kind: 'held', strikes, until } : null;
  };
}

/** Ghosts that are no more: a read of all jobs of their scope lacks the job in that attempt. */
export function gone(seen: Observed): readonly number[] {
  const { state, github } = seen;
  if (state.ghosts.length === 0) return [];
  const attempts = new Map([...github.queued, ...github.flickered].map((job) => [job.id, job.runAttempt]));
  const isGone = ({ jobId, runAttempt, scope }: Ghost): boolean =>
    attempts.get(jobId) !== runAttempt && (attempts.has(jobId) || isAllRead(seen, scope));
  return state.ghosts.filter(isGone).map(({ jobId }) => jobId);
}

/** Whether every open run of a scope that is watched was read; one that is watched no more has none. */
function isAllRead({ github }: Observed, name: string): boolean {
  const scope = github.scopes.get(name);
  return scope === undefined || isRead(scope);
}
