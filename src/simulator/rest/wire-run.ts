import { wireTime } from '../world/clock.ts';
import type { Attempt, Conclusion, Job, JobState, JobStatus, Run } from '../world/model.ts';
import { minimalRepository, nodeId, type Origin } from './wire-repo.ts';

/** A run as it was at some moment. */
export type RunView = {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly status: JobStatus;
  readonly conclusion: Conclusion | null;
  readonly updatedAt: number;
};

/** Every run is of this branch. */
export const HEAD_BRANCH = 'main';
const WORKFLOW_ID = 9_100_001;
/** Conclusions from the worst on: a run has the worst conclusion of its jobs. */
const WORST_FIRST: readonly Conclusion[] = [
  'failure',
  'timed_out',
  'cancelled',
  'success',
  'neutral',
  'skipped',
];

/** The run as of `time`; undefined when it did not exist. Its state is derived from its jobs. */
export function viewRun(run: Run, time: number): RunView | undefined {
  const attempt = run.attempts.findLast((candidate) => candidate.startedAt <= time);
  if (attempt === undefined) return undefined;
  const jobs = run.jobs.filter((job) => job.attempt === attempt.number);
  const states = jobs.map((job) => job.timeline.at(time)).filter((state) => state !== undefined);
  const over = attempt.completedAt !== null && attempt.completedAt <= time;
  return {
    run,
    attempt,
    status: over ? 'completed' : openStatus(states),
    conclusion: over
      ? (WORST_FIRST.find((name) => states.some((state) => state.conclusion === name)) ?? 'success')
      : null,
    updatedAt: Math.max(attempt.startedAt, ...jobs.map((job) => job.timeline.lastChange(time))),
  };
}

/**
 * The status of a run with unfinished jobs. While one job waits for approval it is `waiting`, even if others are
 * queued.
 */
function openStatus(states: readonly JobState[]): JobStatus {
  const any = (status: JobStatus): boolean => states.some((state) => state.status === status);
  if (any('waiting')) return 'waiting';
  if (any('in_progress') || any('completed')) return 'in_progress';
  return any('pending') && !any('queued') ? 'pending' : 'queued';
}

export function wireRun(view: RunView, origin: Origin): Record<string, unknown> {
  const { run } = view;
  const url = `${origin.api}/repos/${run.repo.name}/actions/runs/${run.id}`;
  const repository = minimalRepository(run.repo, origin);
  const person = { name: 'octo', email: 'octo@example.invalid' };
  return {
    id: run.id,
    name: 'ci',
    node_id: nodeId('WFR', run.id),
    check_suite_id: run.id + 1,
    check_suite_node_id: nodeId('CS', run.id + 1),
    head_branch: HEAD_BRANCH,
    head_sha: run.headSha,
    path: '.github/workflows/ci.yml',
    display_title: `run ${run.number}`,
    run_number: run.number,
    run_attempt: view.attempt.number,
    event: run.event,
    status: view.status,
    conclusion: view.conclusion,
    workflow_id: WORKFLOW_ID,
    referenced_workflows: [],
    url,
    html_url: `${origin.web}/${run.repo.name}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: wireTime(run.createdAt),
    updated_at: wireTime(view.updatedAt),
    run_started_at: wireTime(view.attempt.startedAt),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${origin.api}/repos/${run.repo.name}/check-suites/${run.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: view.attempt.number > 1 ? `${url}/attempts/${view.attempt.number - 1}` : null,
    workflow_url: `${origin.api}/repos/${run.repo.name}/actions/workflows/${WORKFLOW_ID}`,
    head_commit: {
      id: run.headSha,
      tree_id: run.headSha,
      message: 'change',
      timestamp: wireTime(run.createdAt),
      author: person,
      committer: person,
    },
    repository,
    head_repository: repository,
  };
}

/** The job in the given state. The number in `html_url` is not the job's id, as in GitHub's own samples. */
export function wireJob(
  job: Job,
  state: JobState,
  origin: Origin,
  unassigned: 'zero' | 'null',
): Record<string, unknown> {
  const { run } = job;
  const api = `${origin.api}/repos/${run.repo.name}`;
  const nobody = unassigned === 'zero' ? { id: 0, name: '' } : { id: null, name: null };
  const assigned = state.runnerId !== null;
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: 'ci',
    head_branch: HEAD_BRANCH,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: job.attempt,
    node_id: nodeId('CR', job.id),
    head_sha: run.headSha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${origin.web}/${run.repo.name}/actions/runs/${run.id}/job/${job.id + 7_001}`,
    status: state.status,
    conclusion: state.conclusion,
    created_at: wireTime(job.createdAt),
    started_at: wireTime(state.startedAt),
    completed_at: state.completedAt === null ? null : wireTime(state.completedAt),
    name: job.spec.name,
    steps: [],
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: job.spec.labels,
    runner_id: state.runnerId ?? nobody.id,
    runner_name: state.runnerName ?? nobody.name,
    runner_group_id: assigned ? 1 : nobody.id,
    runner_group_name: assigned ? 'Default' : nobody.name,
  };
}
