import type { Job, JobStatus, Runner } from '../core/model.ts';
import type { WireJob, WireRunner } from './wire.ts';

/** A run whose jobs may need a runner. */
export interface Run {
  readonly id: number;
  /** `owner/repo` of the configured scope. */
  readonly scope: string;
  /** `owner/repo` as GitHub writes it. */
  readonly repository: string;
}

/** Names and labels are strangers' text and stay as they are. */
export function toJob(job: WireJob, run: Run): Job {
  return {
    id: job.id,
    runId: job.run_id,
    runAttempt: job.run_attempt ?? 1,
    repository: run.repository,
    scope: run.scope,
    status: toStatus(job.status),
    labels: job.labels,
    queuedAt: job.created_at,
    runnerName: job.runner_name === undefined || job.runner_name === '' ? null : job.runner_name,
  };
}

function toStatus(status: WireJob['status']): JobStatus {
  switch (status) {
    case 'queued':
    case 'in_progress':
    case 'completed':
      return status;
    case 'waiting':
    case 'pending':
    case 'requested':
      return 'held';
  }
}

export function toRunner(runner: WireRunner, scope: string): Runner {
  return { id: runner.id, name: runner.name, scope, online: runner.status === 'online', busy: runner.busy };
}
