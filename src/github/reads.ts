import type { z } from 'zod';

import { GithubError } from '../core/errors.ts';
import type { Answer, Part, Rank } from '../core/observation.ts';
import type { Clock } from '../core/ports.ts';
import { ask, purposes } from './purposes.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Lists } from './rest/lists.ts';
import type { Ask, Requester } from './rest/requester.ts';
import { toJob, toRun, toRunner } from './shapes.ts';
import { job as jobShape, runner as runnerShape } from './wire.ts';

/** A run in the newest list that is in none of these statuses holds no job for us, or is over. */
const UNFINISHED = new Set<string | null>(['queued', 'in_progress', 'waiting', 'pending']);

/** Reads one part of what GitHub says. */
export class Reads {
  readonly #requester: Requester;
  readonly #lists: Lists;
  readonly #clock: Clock;
  readonly #urlsOf: (scope: string) => RepositoryUrls;

  constructor(requester: Requester, lists: Lists, clock: Clock, urlsOf: (scope: string) => RepositoryUrls) {
    this.#requester = requester;
    this.#lists = lists;
    this.#clock = clock;
    this.#urlsOf = urlsOf;
  }

  /** Throws `GithubError` when it is not answered in full. */
  async read(part: Part, rank: Rank, signal: AbortSignal): Promise<Answer> {
    const { scope } = part;
    const urls = this.#urlsOf(scope);
    // Requests wait for their share of the budget, so the time when the first one goes out counts.
    let askedAt = this.#clock.now();
    let isSent = false;
    const why = (purpose: Parameters<typeof ask>[0]): Ask => ({
      ...ask(purpose, rank, signal),
      onSend: () => {
        if (!isSent) askedAt = this.#clock.now();
        isSent = true;
      },
    });
    switch (part.kind) {
      case 'runs': {
        if (part.list === 'newest') {
          this.#lists.forgetSlow();
          const newest = await this.#lists.first(urls.runs(null), why(purposes.runs(scope, 'newest')));
          const open = newest.filter(({ status }) => UNFINISHED.has(status));
          return { kind: 'runs', askedAt, runs: open.map((run) => toRun(run, scope)), cut: null };
        }
        const { items, cut } = await this.#lists.all(
          urls.runs(part.list),
          why(purposes.runs(scope, part.list)),
        );
        return { kind: 'runs', askedAt, runs: items.map((run) => toRun(run, scope)), cut };
      }
      case 'runners': {
        const { items } = await this.#lists.all(urls.runners(null), why(purposes.runners(scope)));
        return { kind: 'runners', askedAt, runners: items.map((runner) => toRunner(runner, scope)) };
      }
      case 'jobs': {
        const { items } = await this.#lists.all(urls.jobs(part.runId), why(purposes.jobs(scope, part.runId)));
        return { kind: 'jobs', askedAt, jobs: items.map((job) => toJob(job, part, this.#clock.wall())) };
      }
      case 'job': {
        const asked = why(purposes.job(scope, part.jobId));
        const job = await this.#one(urls.job(part.jobId), jobShape, asked);
        const shaped = job === null ? null : toJob(job, { ...part, runId: job.run_id }, this.#clock.wall());
        return { kind: 'job', askedAt, job: shaped };
      }
      case 'runner': {
        const asked = why(purposes.runner(scope, part.runnerId));
        const runner = await this.#one(urls.runner(part.runnerId), runnerShape, asked);
        return { kind: 'runner', askedAt, runner: runner === null ? null : toRunner(runner, scope) };
      }
    }
  }

  /** What there is under that URL, or null when GitHub says that there is nothing. */
  async #one<T>(url: string, schema: z.ZodType<T>, asked: Ask): Promise<T | null> {
    try {
      return (await this.#requester.get(url, schema, asked)).data;
    } catch (error) {
      if (error instanceof GithubError && error.code === 'not-found') return null;
      throw error;
    }
  }
}
