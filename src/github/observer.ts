import { withDeadline } from '../abort.ts';
import type { GithubError } from '../core/errors.ts';
import type { Millis } from '../core/model.ts';
import type { GithubObservation, Job, Runner, Trouble, Unread } from '../core/observation.ts';
import { AnswerError, githubError } from './errors.ts';
import type { GithubOptions } from './options.ts';
import { ask, purposes } from './purposes.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Lists } from './rest/lists.ts';
import { Slots } from './rest/slots.ts';
import { readRuns } from './runs.ts';
import { toJob, toRunner } from './shapes.ts';
import type { Run } from './shapes.ts';
import type { Tuning } from './tuning.ts';

/** A run counts as gone when GitHub has said so in this many polls in a row. */
const GONE_AFTER = 2;

/** A run with unfinished jobs: the next poll reads it, whether it is listed or not. */
interface Open {
  readonly run: Run;
  /** In how many polls in a row GitHub said that there is no such run. */
  readonly missed: number;
  /** It was not read last time, so it goes first. */
  readonly overdue: boolean;
}

/** What one poll has read so far. */
interface Gathered {
  readonly jobs: Map<number, Job>;
  readonly runners: Map<number, Runner>;
  readonly unread: Unread[];
  readonly open: Map<number, Open>;
  trouble: Trouble | null;
}

/** Polls every scope. Between polls it remembers which runs had unfinished jobs. */
export class Observer {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #lists: Lists;
  readonly #pace: (signal: AbortSignal) => Promise<void>;
  readonly #urls: ReadonlyMap<string, RepositoryUrls>;
  #polls = 0;
  #open: ReadonlyMap<number, Open> = new Map();

  constructor(
    options: GithubOptions,
    tuning: Tuning,
    lists: Lists,
    urls: ReadonlyMap<string, RepositoryUrls>,
    pace: (signal: AbortSignal) => Promise<void>,
  ) {
    this.#pace = pace;
    this.#options = options;
    this.#tuning = tuning;
    this.#lists = lists;
    this.#urls = urls;
  }

  async observe(signal: AbortSignal): Promise<GithubObservation> {
    await this.#pace(signal);
    const askedAt = this.#options.clock.now();
    const sweep = this.#polls % this.#tuning.sweepEvery === 0;
    this.#polls += 1;
    if (sweep) this.#lists.forgetSlow();
    const gathered: Gathered = {
      jobs: new Map(),
      runners: new Map(),
      unread: [],
      open: new Map(),
      trouble: null,
    };
    await withDeadline(signal, this.#tuning.observationBudget, (inner) =>
      this.#gather(gathered, sweep, askedAt, inner),
    );
    this.#open = gathered.open;
    return {
      askedAt,
      scopes: [...this.#urls.keys()],
      jobs: [...gathered.jobs.values()],
      runners: [...gathered.runners.values()],
      unread: gathered.unread,
      trouble: gathered.trouble,
    };
  }

  async #gather(into: Gathered, sweep: boolean, askedAt: Millis, signal: AbortSignal): Promise<void> {
    const slots = new Slots(this.#tuning.concurrency);
    const scopes = [...this.#urls];
    const runLists = scopes.map(([scope, urls]) =>
      readRuns({ scope, urls, sweep }, this.#lists, slots, this.#options.log, signal),
    );
    const runners = scopes.map(([scope, urls]) =>
      this.#readRunners(into, scope, urls, slots, askedAt, signal),
    );
    const runs = new Map<number, Run>([...this.#open].map(([id, { run }]) => [id, run]));
    let unread = 0;
    for (const [index, answer] of (await Promise.all(runLists)).entries()) {
      for (const run of answer.runs) runs.set(run.id, run);
      const scope = scopes[index]?.[0];
      if (answer.error === null || scope === undefined) continue;
      into.unread.push({ scope, what: 'jobs', runId: null, why: answer.error.message });
      unread += 1;
      // When one repository cannot be read, the others are served all the same.
      this.#trouble(into, answer.error, askedAt, unread === scopes.length);
    }
    const jobs = this.#inOrder(runs).map((run) => this.#readJobs(into, run, slots, askedAt, signal));
    await Promise.all([...runners, ...jobs]);
  }

  /** Runs that the last poll did not get to come first, then the others from the oldest on; ids grow with time. */
  #inOrder(runs: ReadonlyMap<number, Run>): readonly Run[] {
    const rank = ({ id }: Run): number => (this.#open.get(id)?.overdue === true ? 0 : 1);
    return [...runs.values()].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  }

  async #readJobs(
    into: Gathered,
    run: Run,
    slots: Slots,
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<void> {
    const urls = this.#urls.get(run.scope);
    if (urls === undefined) return;
    const why = ask(purposes.jobs(run.scope, run.id), 'fresh', signal);
    try {
      const { items: jobs } = await slots.run(() => this.#lists.all(urls.jobs(run.id), why));
      for (const job of jobs) into.jobs.set(job.id, toJob(job, run, this.#options.clock.wall()));
      // A run may be in no list while it changes its status, so its jobs decide whether it is over.
      if (jobs.some(({ status }) => status !== 'completed'))
        into.open.set(run.id, { run, missed: 0, overdue: false });
    } catch (failure) {
      const error = githubError(failure);
      const missed = (this.#open.get(run.id)?.missed ?? 0) + (isNotFound(error) ? 1 : 0);
      if (missed < GONE_AFTER) into.open.set(run.id, { run, missed, overdue: true });
      into.unread.push({ scope: run.scope, what: 'jobs', runId: run.id, why: error.message });
      this.#trouble(into, error, askedAt, false);
    }
  }

  async #readRunners(
    into: Gathered,
    scope: string,
    urls: RepositoryUrls,
    slots: Slots,
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<void> {
    const why = ask(purposes.runners(scope), 'list', signal);
    try {
      const { items: runners } = await slots.run(() => this.#lists.all(urls.runners(null), why));
      for (const runner of runners) into.runners.set(runner.id, toRunner(runner, scope));
    } catch (failure) {
      const error = githubError(failure);
      into.unread.push({ scope, what: 'runners', runId: null, why: error.message });
      this.#trouble(into, error, askedAt, false);
    }
  }

  /** Notes what keeps GitHub from serving us: a rate limit, or a failure that hides which runs there are. */
  #trouble(into: Gathered, error: GithubError, askedAt: Millis, hidesRuns: boolean): void {
    if (error.code === 'rate-limited') {
      if (into.trouble?.kind === 'rate-limited') return;
      into.trouble = { kind: 'rate-limited', until: error.retryAt ?? askedAt, why: error.message };
    } else if (hidesRuns) {
      into.trouble ??= { kind: 'github-unreachable', why: error.message };
    }
  }
}

function isNotFound(error: GithubError): boolean {
  return error.cause instanceof AnswerError && error.cause.status === 404;
}
