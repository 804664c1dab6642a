import { Known } from '../../src/core/known/known.ts';
import type { Millis } from '../../src/core/model.ts';
import type { Job, Part, Run, Runner } from '../../src/core/observation.ts';
import { STATUS_LISTS } from '../../src/core/observation.ts';

/** A part of a poll that goes unanswered; `runId` null: every list of the scope's runs. */
export interface UnreadPart {
  readonly scope: string;
  readonly what: 'jobs' | 'runners';
  readonly runId: number | null;
  readonly why: string;
}

/** Every part asked for at one time, as tables write it down. */
export interface Poll {
  readonly askedAt: Millis;
  readonly scopes: readonly string[];
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
  readonly unread: readonly UnreadPart[];
  readonly limitedUntil: Millis | null;
}

/** What is known after these polls, in order. */
export function knownFrom(polls: readonly Poll[], concernsUs: (job: Job) => boolean = () => true): Known {
  const known = new Known([...new Set(polls.flatMap(({ scopes }) => scopes))], concernsUs);
  for (const poll of polls) takeIn(known, poll);
  return known;
}

/** Takes one poll in: a run is open until a read says otherwise, so each that is known is read too. */
export function takeIn(known: Known, poll: Poll): void {
  const { askedAt, scopes, jobs, runners, unread, limitedUntil } = poll;
  if (limitedUntil !== null) known.limit({ since: askedAt, until: limitedUntil, why: 'limited' });
  for (const scope of scopes) {
    const listed = new Map<number, Run>();
    for (const { runId, repository, runAttempt, ...job } of jobs) {
      if (job.scope === scope) listed.set(runId, { id: runId, scope, repository, stamp: String(runAttempt) });
    }
    const failing = (what: 'jobs' | 'runners', runId: number | null): UnreadPart | undefined =>
      unread.find(
        (it) => it.scope === scope && it.what === what && (what === 'runners' || it.runId === runId),
      );
    const lists = failing('jobs', null);
    for (const list of STATUS_LISTS) {
      const part: Part = { kind: 'runs', scope, list };
      const runs = list === 'queued' ? [...listed.values()] : [];
      if (lists === undefined) known.answer(part, { kind: 'runs', askedAt, runs, cut: null }, askedAt);
      else known.unread(part, { askedAt, why: lists.why, gone: false }, askedAt);
    }
    if (lists !== undefined) {
      const runs = [...listed.values()];
      known.answer(
        { kind: 'runs', scope, list: 'newest' },
        { kind: 'runs', askedAt, runs, cut: null },
        askedAt,
      );
    }
    for (const runId of known.scopes.get(scope)?.runs.keys() ?? []) {
      const part: Part = { kind: 'jobs', scope, repository: scope, runId };
      const why = listed.has(runId) ? failing('jobs', runId) : (lists ?? failing('jobs', runId));
      const held = jobs.filter((job) => job.scope === scope && job.runId === runId);
      if (why === undefined) known.answer(part, { kind: 'jobs', askedAt, jobs: held }, askedAt);
      else known.unread(part, { askedAt, why: why.why, gone: false }, askedAt);
    }
    const dark = failing('runners', null);
    const here = runners.filter((runner) => runner.scope === scope);
    const part: Part = { kind: 'runners', scope };
    if (dark === undefined) known.answer(part, { kind: 'runners', askedAt, runners: here }, askedAt);
    else known.unread(part, { askedAt, why: dark.why, gone: false }, askedAt);
  }
}
