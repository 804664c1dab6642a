/**
 * What GitHub is known to say, by part: a scope's lists of runs, its runners, one run's jobs. Each part carries when it was
 * asked for and what has gone wrong since, and nothing here waits for anything else: a decision names the parts that it
 * rests on. Start with `Known`; `due.ts` says what is to be asked next, `problems.ts` what is not answered, and `freshness.ts`
 * how much an answer is worth.
 */

import type { Millis } from '../model.ts';
import type { Answer, Job, Limited, Part, Run, Runner, RunList, Unread } from '../observation.ts';
import { RUN_LISTS, STATUS_LISTS } from '../observation.ts';
import type { Age } from './age.ts';
import { answered, failed, NEVER } from './age.ts';
import { Questions } from './questions.ts';
import type { KnownRunners } from './runners.ts';
import { NO_RUNNERS, runnersAfter, sameRunners, withoutRunner } from './runners.ts';

/**
 * A run that GitHub has said "no such thing" of so often in a row is over, unless a list still has it. GitHub says the same
 * of a whole scope that the token may not see any more, so it must have listed runs of the scope since.
 */
const GONE_AFTER = 2;
/** How many jobs that name a runner are remembered; runner names are never used twice. */
const NAMED_KEPT = 2_000;

/** A list of runs: which it held, and why not all. */
interface KnownList {
  readonly age: Age;
  readonly ids: ReadonlySet<number>;
  readonly cut: { readonly why: string; readonly since: Millis } | null;
}

/** A run that may hold a job for us. */
export interface KnownRun {
  readonly run: Run;
  /** When a list first showed it as it is now. */
  readonly changedAt: Millis;
  readonly age: Age;
  /** Those that are not over, as last read. */
  readonly jobs: readonly Job[];
  /** Jobs that were queued in the read before and are missing in the newest. GitHub's lists sometimes lack a job once. */
  readonly flickered: readonly Job[];
  /** One of the jobs concerns us. */
  readonly ours: boolean;
}

/** What is known of one scope. */
export interface KnownScope {
  readonly lists: Readonly<Record<RunList, KnownList>>;
  readonly runners: KnownRunners;
  readonly runs: ReadonlyMap<number, KnownRun>;
}

interface Scope extends KnownScope {
  lists: Record<RunList, KnownList>;
  runners: KnownRunners;
  readonly runs: Map<number, KnownRun>;
}

const NO_LIST: KnownList = { age: NEVER, ids: new Set(), cut: null };

/**
 * It changes in place, because one answer of thousands must not cost a copy of all; a plan reads it and keeps nothing of
 * it.
 */
export class Known {
  readonly #scopes = new Map<string, Scope>();
  readonly #concernsUs: (job: Job) => boolean;
  readonly #byRunner = new Map<string, Job>();
  /** Jobs and runners that are asked for by their ids. */
  readonly questions = new Questions();
  #limited: Limited | null = null;
  #queued: readonly Job[] | null = null;
  #runners: ReadonlyMap<string, Runner> | null = null;

  /** `concernsUs`: whether a job could run here, or asks for one of our labels. */
  constructor(scopes: readonly string[], concernsUs: (job: Job) => boolean) {
    this.#concernsUs = concernsUs;
    for (const scope of scopes) {
      this.#scopes.set(scope, {
        lists: { queued: NO_LIST, in_progress: NO_LIST, waiting: NO_LIST, newest: NO_LIST },
        runners: NO_RUNNERS,
        runs: new Map(),
      });
    }
  }

  get scopes(): ReadonlyMap<string, KnownScope> {
    return this.#scopes;
  }

  /** Queued jobs, oldest first. */
  get queued(): readonly Job[] {
    if (this.#queued === null) {
      const queued: Job[] = [];
      for (const { runs } of this.#scopes.values()) {
        for (const { jobs } of runs.values())
          queued.push(...jobs.filter(({ status }) => status === 'queued'));
      }
      this.#queued = queued.sort((a, b) => a.queuedAt - b.queuedAt || a.id - b.id);
    }
    return this.#queued;
  }

  /** Jobs that the newest read of their run lacks, and the one before it listed as queued. */
  get flickered(): readonly Job[] {
    const jobs: Job[] = [];
    for (const { runs } of this.#scopes.values()) {
      for (const { flickered } of runs.values()) jobs.push(...flickered);
    }
    return jobs;
  }

  /** Jobs that name a runner, by that name: those that run, and many that ran. */
  get byRunner(): ReadonlyMap<string, Job> {
    return this.#byRunner;
  }

  /** Every runner that a list shows, by name. */
  get runners(): ReadonlyMap<string, Runner> {
    if (this.#runners === null) {
      const runners = new Map<string, Runner>();
      for (const scope of this.#scopes.values()) {
        for (const [name, runner] of scope.runners.byName) runners.set(name, runner);
      }
      this.#runners = runners;
    }
    return this.#runners;
  }

  /** When the newest list of a scope's runners was asked for; null before the first. */
  runnersAsOf(scope: string): Millis | null {
    return this.#scopes.get(scope)?.runners.age.askedAt ?? null;
  }

  /** Why GitHub serves nobody now, or null. */
  limitedAt(now: Millis): Limited | null {
    return this.#limited !== null && this.#limited.until > now ? this.#limited : null;
  }

  /** GitHub answers nobody before then. */
  limit(limited: Limited): void {
    if (this.#limited === null || limited.until > this.#limited.until) this.#limited = limited;
  }

  /** Takes in an answer. Whether it says anything new, beside its age. */
  answer(part: Part, answer: Answer, now: Millis): boolean {
    const scope = this.#scopes.get(part.scope);
    if (scope === undefined) return false;
    if (part.kind === 'runs' && answer.kind === 'runs') return this.#runsRead(scope, part.list, answer, now);
    if (part.kind === 'runners' && answer.kind === 'runners') return this.#runnersRead(scope, answer);
    if (part.kind === 'jobs' && answer.kind === 'jobs') return this.#jobsRead(scope, part.runId, answer);
    if (part.kind === 'job' && answer.kind === 'job') return this.questions.answer(part, answer);
    if (part.kind === 'runner' && answer.kind === 'runner') return this.questions.answer(part, answer);
    return false;
  }

  /** Takes in that a part was not answered: what was known of it stands. */
  unread(part: Part, unread: Unread, now: Millis): void {
    const scope = this.#scopes.get(part.scope);
    if (scope === undefined) return;
    switch (part.kind) {
      case 'runs': {
        const list = scope.lists[part.list];
        scope.lists[part.list] = { ...list, age: failed(list.age, unread, now) };
        return;
      }
      case 'runners':
        scope.runners = { ...scope.runners, age: failed(scope.runners.age, unread, now) };
        return;
      case 'jobs':
        this.#jobsUnread(scope, part.runId, unread, now);
        return;
      case 'job':
      case 'runner':
        this.questions.unread(part, unread, now);
    }
  }

  /** GitHub has deleted this runner: a list from before that may still show it. */
  forgetRunner(name: string): void {
    for (const scope of this.#scopes.values()) {
      if (!scope.runners.byName.has(name)) continue;
      scope.runners = withoutRunner(scope.runners, name);
      this.#runners = null;
    }
  }

  #runsRead(
    scope: Scope,
    list: RunList,
    { runs, askedAt, cut }: Extract<Answer, { kind: 'runs' }>,
    now: Millis,
  ): boolean {
    let isNew = false;
    for (const run of runs) {
      const before = scope.runs.get(run.id);
      if (before?.run.stamp === run.stamp) continue;
      isNew = true;
      const known = before ?? { age: NEVER, jobs: [], flickered: [], ours: false };
      scope.runs.set(run.id, { ...known, run, changedAt: now });
    }
    const ids = new Set(runs.map(({ id }) => id));
    const before = scope.lists[list];
    scope.lists[list] = {
      age: answered(before.age, askedAt),
      ids,
      cut: cut === null ? null : { why: cut, since: before.cut?.since ?? askedAt },
    };
    return isNew;
  }

  #runnersRead(scope: Scope, answer: Extract<Answer, { kind: 'runners' }>): boolean {
    const before = scope.runners;
    scope.runners = runnersAfter(before, answer);
    this.#runners = null;
    return !sameRunners(before, scope.runners);
  }

  #jobsRead(scope: Scope, runId: number, { jobs, askedAt }: Extract<Answer, { kind: 'jobs' }>): boolean {
    const before = scope.runs.get(runId);
    if (before === undefined) return false;
    for (const job of jobs) {
      if (job.runnerName !== null && job.status !== 'queued') this.#name(job.runnerName, job);
    }
    this.#queued = null;
    const open = jobs.filter(({ status }) => status !== 'completed');
    // A run may be in no list while it changes its status, so its jobs decide whether it is over. One that was cancelled
    // before it had any never shows that.
    const isBare = before.jobs.length === 0 && !RUN_LISTS.some((list) => scope.lists[list].ids.has(runId));
    if (jobs.length > 0 ? open.length === 0 : isBare) {
      scope.runs.delete(runId);
      return true;
    }
    const listed = new Set(jobs.map(({ id }) => id));
    scope.runs.set(runId, {
      ...before,
      age: answered(before.age, askedAt),
      jobs: open,
      flickered: before.jobs.filter(({ id, status }) => status === 'queued' && !listed.has(id)),
      ours: jobs.some(this.#concernsUs),
    });
    return before.age.askedAt === null || !sameJobs(before.jobs, open);
  }

  #jobsUnread(scope: Scope, runId: number, unread: Unread, now: Millis): void {
    const before = scope.runs.get(runId);
    if (before === undefined) return;
    const age = failed(before.age, unread, now);
    const { failing } = age;
    const gone = failing !== null && failing.gone >= GONE_AFTER && isInSight(scope, failing.since);
    if (gone) this.#queued = null;
    if (gone && !isListed(scope, runId)) scope.runs.delete(runId);
    else scope.runs.set(runId, { ...before, age, ...(gone ? { jobs: [], flickered: [] } : {}) });
  }

  #name(runner: string, job: Job): void {
    this.#byRunner.delete(runner);
    this.#byRunner.set(runner, job);
    if (this.#byRunner.size <= NAMED_KEPT) return;
    for (const oldest of this.#byRunner.keys()) {
      this.#byRunner.delete(oldest);
      return;
    }
  }
}

/** Whether one of the newest lists of runs in a status holds the run. */
export function isListed({ lists }: KnownScope, runId: number): boolean {
  return STATUS_LISTS.some((list) => lists[list].ids.has(runId));
}

/** Whether GitHub lists the scope's runs, and has begun to answer so after that time. */
function isInSight({ lists }: KnownScope, since: Millis): boolean {
  return STATUS_LISTS.some((list) => {
    const { askedAt, failing } = lists[list].age;
    return failing === null && (askedAt ?? -Infinity) > since;
  });
}

function sameJobs(before: readonly Job[], after: readonly Job[]): boolean {
  if (before.length !== after.length) return false;
  const known = new Map(before.map((job) => [job.id, job]));
  return after.every((job) => {
    const was = known.get(job.id);
    return was?.status === job.status && was.runnerName === job.runnerName;
  });
}
