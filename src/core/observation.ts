import type { Millis } from './model.ts';

/** A question that may have gone unanswered. Unknown is not empty. */
export type Seen<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** What a job's place in life means to us. `held` is everything before `queued`: waiting, pending, requested. */
export type JobStatus = 'held' | 'queued' | 'in_progress' | 'completed';

/** A job as GitHub lists it. Times are GitHub's own clock. */
export interface Job {
  readonly id: number;
  readonly runId: number;
  readonly runAttempt: number;
  /** `owner/repo`, as GitHub writes it. */
  readonly repository: string;
  /** Where a runner for it must be registered: `owner/repo` of the configured scope. */
  readonly scope: string;
  readonly status: JobStatus;
  /** As written in the workflow; compare case-insensitively. */
  readonly labels: readonly string[];
  readonly queuedAt: Millis;
  /** The runner that GitHub gave it to; null while nobody has it. */
  readonly runnerName: string | null;
}

/** A registered agent as GitHub lists it. */
export interface Runner {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly online: boolean;
  /** Lags by up to a minute and may go false in mid-job: it may forbid an action, never permit one. */
  readonly busy: boolean;
}

/** A part of a look at GitHub that went unanswered. `runId` null: which runs there are is itself unknown. */
export interface Unread {
  readonly scope: string;
  readonly what: 'jobs' | 'runners';
  readonly runId: number | null;
  readonly why: string;
}

/** Why GitHub does not serve us now, for every job alike. */
export type Trouble =
  | { readonly kind: 'rate-limited'; readonly until: Millis; readonly why: string }
  | { readonly kind: 'github-unreachable'; readonly why: string };

/** Primary rate limit as GitHub's newest answer gave it. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: Millis;
}

/** One look at GitHub: what was read, and what was not. */
export interface GithubObservation {
  /** Before the first request went out: nothing here is newer than what happened after. */
  readonly askedAt: Millis;
  /** Every scope that was asked about, whether or not it answered. */
  readonly scopes: readonly string[];
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
  /** Empty: the look is complete. */
  readonly unread: readonly Unread[];
  readonly trouble: Trouble | null;
}

/** What a job hook wrote, schema-checked. Untrusted: it may make us notice earlier, and nothing else. */
export interface JobSignal {
  readonly runId: number;
  readonly runAttempt: number;
  readonly repository: string;
}

/** `created`: exists, never started. `running`: started and not over. `ended`: its unit or process is over. */
export type ContainerState = 'created' | 'running' | 'ended';

/** A container of ours on this host. */
export interface Container {
  readonly name: string;
  readonly state: ContainerState;
  readonly startedAt: Millis | null;
  /** When the unit reported ready. */
  readonly readyAt: Millis | null;
  /** How it ended: the exit status (null: killed or unknown) and the engine's words for it. */
  readonly exit: { readonly code: number | null; readonly detail: string } | null;
  readonly started: JobSignal | null;
  readonly completed: JobSignal | null;
  /** What the container's own mark says of it, for one that no promise covers. */
  readonly mark: ContainerMark | null;
}

/** Written beside the container when it is made; enough to look after it should the ledger be lost. */
export interface ContainerMark {
  readonly className: string;
  readonly scope: string;
  /** The name that it booted with; null before its boot, when the registration may still go on under another name. */
  readonly runnerName: string | null;
  readonly subnet: number;
  readonly forJob: number;
  readonly forAttempt: number;
}

/** One look at this host. */
export interface HostObservation {
  readonly askedAt: Millis;
  readonly containers: readonly Container[];
  /** Every name that a new container cannot have, whoever holds it. */
  readonly namesInUse: readonly string[];
  /** Every N whose 192.168.N.0/24 meets an address or route of the host or a container that is not in the ledger. */
  readonly subnetsInUse: readonly number[];
  /** Bytes free where containers live; null when that could not be read. */
  readonly freeDisk: number | null;
}
