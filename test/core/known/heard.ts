import { Known } from '../../../src/core/known/known.ts';
import type { Millis } from '../../../src/core/model.ts';
import type { Job, Part, Run, Runner, RunList } from '../../../src/core/observation.ts';
import { RUN_LISTS } from '../../../src/core/observation.ts';
import { SCOPE } from '../../support/builders.ts';

export function runList(list: RunList, scope = SCOPE): Extract<Part, { kind: 'runs' }> {
  return { kind: 'runs', scope, list };
}

export function runnerList(scope = SCOPE): Part {
  return { kind: 'runners', scope };
}

export function jobsOf(runId: number, scope = SCOPE): Extract<Part, { kind: 'jobs' }> {
  return { kind: 'jobs', scope, repository: scope, runId };
}

/** A run as lists show it until it changes. */
export function run(id: number, over: Partial<Run> = {}): Run {
  return { id, scope: SCOPE, repository: SCOPE, stamp: '1 queued', ...over };
}

/** What GitHub is heard to say, one answer at a time. Each is taken in at the time when it was asked for, unless `now` is given. */
export class Heard {
  readonly known: Known;

  constructor(scopes: readonly string[] = [SCOPE], concernsUs: (job: Job) => boolean = () => false) {
    this.known = new Known(scopes, concernsUs);
  }

  /** One list of runs. Whether it says anything new. */
  list(list: RunList, at: Millis, runs: readonly Run[], cut: string | null = null, now = at): boolean {
    const scope = runs[0]?.scope ?? SCOPE;
    return this.known.answer(runList(list, scope), { kind: 'runs', askedAt: at, runs, cut }, now);
  }

  /** Every list of a scope: these runs are queued, and there are no others; no runners either. */
  lists(at: Millis, runs: readonly Run[] = [], scope = SCOPE): void {
    for (const list of RUN_LISTS) {
      const those = list === 'queued' ? runs : [];
      this.known.answer(runList(list, scope), { kind: 'runs', askedAt: at, runs: those, cut: null }, at);
    }
    this.known.answer(runnerList(scope), { kind: 'runners', askedAt: at, runners: [] }, at);
  }

  runners(at: Millis, runners: readonly Runner[], scope = SCOPE): boolean {
    return this.known.answer(runnerList(scope), { kind: 'runners', askedAt: at, runners }, at);
  }

  jobs(runId: number, at: Millis, jobs: readonly Job[], scope = SCOPE): boolean {
    return this.known.answer(jobsOf(runId, scope), { kind: 'jobs', askedAt: at, jobs }, at);
  }

  /** A part that is not answered. */
  fails(part: Part, at: Millis, why = '502'): void {
    this.known.unread(part, { askedAt: at, why, gone: false }, at);
  }

  /** A part of which GitHub says that there is no such thing. */
  lacks(part: Part, at: Millis): void {
    this.known.unread(part, { askedAt: at, why: '404', gone: true }, at);
  }
}
