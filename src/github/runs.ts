import { GithubError } from '../core/errors.ts';
import { githubError } from './errors.ts';
import type { Log } from './options.ts';
import { ask, purposes } from './purposes.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Lists } from './rest/lists.ts';
import type { Slots } from './rest/slots.ts';
import type { Run } from './shapes.ts';
import type { WireRun } from './wire.ts';

/**
 * The statuses of runs that can hold queued jobs. A run in progress can (a later row of a matrix, a job after `needs`),
 * and so can a waiting one. `pending` and `requested` runs become `queued` by themselves.
 */
const STATUSES = ['waiting', 'queued', 'in_progress'] as const;
const UNFINISHED = new Set<string | null>([...STATUSES, 'pending']);

export interface RunsQuestion {
  readonly scope: string;
  readonly urls: RepositoryUrls;
  /** Whether to read the newest runs without a filter too, because GitHub's filtered lists sometimes lack some. */
  readonly sweep: boolean;
}

export interface RunsAnswer {
  readonly runs: readonly Run[];
  /** Null: every list was read to its end. */
  readonly error: GithubError | null;
}

/** The runs of one scope that may hold a job for us. */
export async function readRuns(
  question: RunsQuestion,
  lists: Lists,
  slots: Slots,
  log: Log,
  signal: AbortSignal,
): Promise<RunsAnswer> {
  const { scope, urls } = question;
  const found = new Map<number, Run>();
  let error: GithubError | null = null;
  const add = (runs: readonly WireRun[]): void => {
    for (const run of runs)
      found.set(run.id, { id: run.id, scope, repository: run.repository?.full_name ?? scope });
  };
  const reads = STATUSES.map(async (status) => {
    const why = ask(purposes.runs(scope, status), 'list', signal);
    try {
      const { items, cut } = await slots.run(() => lists.all(urls.runs(status), why));
      add(items);
      if (cut !== null) error ??= new GithubError('unexpected', `cannot ${why.what}: ${cut}`);
    } catch (failure) {
      error ??= githubError(failure);
    }
  });
  if (question.sweep) reads.push(sweep());
  await Promise.all(reads);
  return { runs: [...found.values()], error };

  async function sweep(): Promise<void> {
    const why = ask(purposes.runs(scope, 'newest'), 'list', signal);
    try {
      const runs = await slots.run(() => lists.first(urls.runs(null), why));
      add(runs.filter(({ status }) => UNFINISHED.has(status)));
    } catch (failure) {
      // This list only makes up for faults of the others, so the poll can be complete without it.
      log('debug', 'the newest runs were not read', { scope, why: githubError(failure).message });
    }
  }
}
