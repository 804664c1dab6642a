import type { Millis } from '../core/model.ts';
import type { Job, JobStatus, Part, Run, Runner } from '../core/observation.ts';
import type { WireJob, WireRun, WireRunner } from './wire.ts';

/** A run in the core's words. What is null in its stamp cannot tell a change, which then shows when its turn comes. */
export function toRun({ id, repository, run_attempt, status, updated_at }: WireRun, scope: string): Run {
  const stamp = [run_attempt ?? '', status ?? '', updated_at ?? ''].join(' ');
  return { id, scope, repository: repository?.full_name ?? scope, stamp };
}

/**
 * A job in the core's words. Names and labels are text of strangers and are left as they are.
 * @param seenAt the time of queueing where GitHub does not tell it
 */
export function toJob(
  job: WireJob,
  run: Pick<Extract<Part, { kind: 'jobs' }>, 'runId' | 'scope' | 'repository'>,
  seenAt: Millis,
): Job {
  return {
    id: job.id,
    runId: run.runId,
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
