import type { Job, JobStatus, Runner } from '../core/observation.ts';
import type { Millis } from '../core/model.ts';
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
 * Names and labels are strangers' text and stay as they are.
 * @param seenAt stands in for the time of queueing where GitHub does not say
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

/** Everything before `queued` is held, and so is a status that GitHub has yet to invent. */
function toStatus(status: string): JobStatus {
  return status === 'queued' || status === 'in_progress' || status === 'completed' ? status : 'held';
}

/** A registered runner in the core's words. */
export function toRunner(runner: WireRunner, scope: string): Runner {
  return { id: runner.id, name: runner.name, scope, online: runner.status === 'online', busy: runner.busy };
}
