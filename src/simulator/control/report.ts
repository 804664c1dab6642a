import { viewRun } from '../rest/wire-run.ts';
import { isMadeFor } from '../world/assign.ts';
import { covers } from '../world/labels.ts';
import type { Job, Run, Runner } from '../world/model.ts';
import type { Counters, World } from '../world/world.ts';
import type { History, RequestEntry, Violation } from './history.ts';

/** What happened from the start until now. In a good history all lists are empty. */
export type Report = {
  readonly requestCount: number;
  readonly requests: readonly RequestEntry[];
  readonly violations: readonly Violation[];
  readonly counters: Counters & {
    /** created - deleted - autoRemoved: records that are left. */
    readonly left: number;
  };
  /** Jobs that more than one runner took. */
  readonly ranTwice: readonly number[];
  /** Jobs that ended with a result although no runner ran them. */
  readonly neverRan: readonly number[];
  /** Jobs that ran on a runner without their labels. */
  readonly wrongLabels: readonly number[];
  /** Jobs that ran on a runner that was made for another job. */
  readonly thefts: readonly number[];
  readonly openJobs: readonly number[];
  readonly runnersLeft: readonly string[];
};

type JobSummary = ReturnType<typeof summarizeJob>;
type RunSummary = ReturnType<typeof summarizeRun>;
type RunnerSummary = ReturnType<typeof summarizeRunner>;
export type State = {
  /** Virtual, epoch milliseconds. */
  readonly now: number;
  readonly runs: readonly RunSummary[];
  readonly jobs: readonly JobSummary[];
  readonly runners: readonly RunnerSummary[];
};

function summarizeJob(job: Job) {
  const { status, conclusion, runnerName, completedAt } = job.timeline.current;
  return {
    id: job.id,
    runId: job.run.id,
    attempt: job.attempt,
    name: job.spec.name,
    repository: job.run.repo.name,
    labels: job.spec.labels,
    status,
    conclusion,
    runnerName,
    createdAt: job.createdAt,
    startedAt: job.executions.at(-1)?.startedAt ?? null,
    completedAt,
    cancelRequested: job.cancelRequestedAt !== null,
    executions: job.executions.length,
    note: job.note,
  };
}

function summarizeRun(run: Run, now: number) {
  const view = viewRun(run, now);
  return {
    id: run.id,
    repository: run.repo.name,
    attempt: run.attempts.length,
    status: view?.status ?? 'queued',
    conclusion: view?.conclusion ?? null,
    jobIds: run.jobs.map((job) => job.id),
  };
}

function summarizeRunner(runner: Runner) {
  const { status, busy } = runner.timeline.current;
  return {
    id: runner.id,
    name: runner.name,
    repository: runner.repo.name,
    labels: runner.labels.map((label) => label.name),
    mode: runner.mode,
    ephemeral: runner.ephemeral,
    status,
    busy,
    connected: runner.session !== null && status === 'online',
    jobId: runner.job?.id ?? null,
    removal: runner.removal,
  };
}

/** The present state; with `all` also runners that are gone. */
export function stateOf(world: World, all = false): State {
  const now = world.now();
  // Each part is made only when it is read, because those who wait ask often and mostly for one of the three.
  return {
    now,
    get runs() {
      return [...world.runs.values()].map((run) => summarizeRun(run, now));
    },
    get jobs() {
      return [...world.jobs.values()].map(summarizeJob);
    },
    get runners() {
      return [...(all ? world.runners.values() : world.liveRunners)].map(summarizeRunner);
    },
  };
}

export function reportOf(world: World, history: History): Report {
  const jobs = [...world.jobs.values()];
  const ids = (test: (job: Job) => boolean): number[] => jobs.filter(test).map((job) => job.id);
  const { created, deleted, autoRemoved } = world.counters;
  return {
    requestCount: history.count,
    requests: history.requests,
    violations: history.violations,
    counters: { ...world.counters, left: created - deleted - autoRemoved },
    ranTwice: ids((job) => job.executions.length > 1),
    neverRan: ids((job) => endedAsIfRun(job) && job.executions.length === 0 && !isCopy(job)),
    wrongLabels: ids((job) =>
      job.executions.some((execution) => !covers(execution.runnerLabels, job.spec.labels)),
    ),
    thefts: ids((job) => job.executions.some((execution) => isForeign(world, execution.runnerId, job))),
    openJobs: [...world.openJobs].map((job) => job.id),
    runnersLeft: [...world.liveRunners].map((runner) => runner.name),
  };
}

function endedAsIfRun(job: Job): boolean {
  const { conclusion } = job.timeline.current;
  return conclusion === 'success' || conclusion === 'failure';
}

/** Whether a re-run kept the job: such a copy is completed from the beginning. */
function isCopy(job: Job): boolean {
  return job.timeline.at(job.createdAt)?.status === 'completed' && job.attempt > 1;
}

function isForeign(world: World, runnerId: number, job: Job): boolean {
  const runner = world.runners.get(runnerId);
  return runner !== undefined && runner.madeFor !== null && !isMadeFor(runner, job);
}
