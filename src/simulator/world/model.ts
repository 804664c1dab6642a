import type { Timeline } from './timeline.ts';

export type JobStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'pending';
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped' | 'timed_out' | 'neutral';

export type Repo = {
  readonly id: number;
  name: string;
  readonly private: boolean;
  readonly oldNames: string[];
};

/** One entry of a workflow's `jobs`, after its matrix has been spelled out. */
export type JobSpec = {
  readonly name: string;
  /** The YAML key: what a runner sees as GITHUB_JOB. */
  readonly key: string;
  readonly labels: readonly string[];
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names or keys of jobs that must succeed first. */
  readonly needs: readonly string[];
  readonly environment: string | null;
  /** The id wanted for the job of the first attempt. */
  readonly id: number | null;
};

export type JobState = {
  readonly status: JobStatus;
  readonly conclusion: Conclusion | null;
  readonly startedAt: number;
  readonly completedAt: number | null;
  readonly runnerId: number | null;
  readonly runnerName: string | null;
};

/** One time that a runner started the job. In a good history each job has at most one. */
type Execution = {
  readonly runnerId: number;
  readonly runnerName: string;
  readonly runnerLabels: readonly string[];
  readonly startedAt: number;
};

export type Job = {
  readonly id: number;
  readonly run: Run;
  readonly attempt: number;
  readonly spec: JobSpec;
  readonly createdAt: number;
  readonly timeline: Timeline<JobState>;
  queuedAt: number | null;
  approved: boolean;
  cancelRequestedAt: number | null;
  /** Why GitHub ended it itself, if it did. */
  note: string | null;
  readonly executions: Execution[];
};

export type Attempt = { readonly number: number; readonly startedAt: number; completedAt: number | null };

export type Concurrency = {
  readonly group: string;
  readonly cancelInProgress: boolean;
  /** Any number of runs may be pending, rather than one. */
  readonly queueMax: boolean;
};

export type Run = {
  readonly id: number;
  readonly repo: Repo;
  readonly number: number;
  readonly event: string;
  readonly headSha: string;
  readonly createdAt: number;
  readonly specs: readonly JobSpec[];
  readonly attempts: Attempt[];
  readonly jobs: Job[];
  readonly concurrency: Concurrency | null;
  /** Held back by its concurrency group: its jobs are `pending`. */
  held: boolean;
};

export type RunnerState = {
  readonly exists: boolean;
  readonly status: 'online' | 'offline';
  readonly busy: boolean;
};

export type RunnerLabel = { readonly name: string; readonly type: 'read-only' | 'custom' };

/** A job that is offered to a runner. It is withdrawn if it is not started within 60 virtual seconds. */
type Offer = { readonly job: Job; readonly at: number };

export type Session = {
  readonly id: string;
  readonly openedAt: number;
  /** How many requests of this runner are in flight. While there is one, the runner counts as heard of. */
  polls: number;
  /** Real milliseconds. */
  heardAt: number;
};

export type Runner = {
  readonly id: number;
  readonly repo: Repo;
  readonly name: string;
  readonly labels: readonly RunnerLabel[];
  readonly ephemeral: boolean;
  readonly mode: 'jit' | 'token';
  readonly clientId: string;
  /** The digits of the job it was made for, as its name tells them; null when it tells none. */
  readonly madeFor: string | null;
  readonly createdAt: number;
  readonly timeline: Timeline<RunnerState>;
  os: string;
  version: string | null;
  session: Session | null;
  sessionsOpened: number;
  offer: Offer | null;
  /** The job that it runs. */
  job: Job | null;
  /** When its only job ended, if it is ephemeral. */
  spentAt: number | null;
  /** When it was last seen connected, or made. */
  idleSince: number;
  /** When it went offline in the middle of a job. */
  lostAt: number | null;
  removal: 'deleted' | 'auto' | null;
};
