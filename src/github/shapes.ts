import type { Millis } from '../core/model.ts';
import type { Job, JobStatus, Runner } from '../core/observation.ts';
import type { WireJob, WireRunner } from './wire.ts';

/** A run whose jobs may need a runner. */
export interface Run {
  readonly id: number;
  /** `owner/repo` of the configured scope. */
  readonly scope: string;
  /** `owner/repo` as GitHub writes it. */
  readonly repository: string;
}

/**
 * A job in the core's words. Names and labels are text of strangers and are left as they are.
 * @param seenAt the time of queueing where GitHub does not tell it
 */
export function toJob(job: WireJob, run: Run, seenAt: Millis): Job {
  return {
    id: job.id,
    runId: run.id,
    runAttempt: job.run_attempt ?? 1,
    repository: run.repository,
    scope: run.scope,
    status: toStatus(job.status),
    labels: job.labels,
    queuedAt: job.created_at ?? job.started_at ?? seenAt,
    runnerName: job.runner_name === '' ? null : (job.runner_name ?? null),
  };
}

/** Every status before `queued` is `held`, and so is one that we do not know. */
function toStatus(status: string): JobStatus {
  return status === 'queued' || status === 'in_progress' || status === 'completed' ? status : 'held';
}

/** A registered runner in the core's words. */
export function toRunner(runner: WireRunner, scope: string): Runner {
  return { id: runner.id, name: runner.name, scope, online: runner.status === 'online', busy: runner.busy };
}
