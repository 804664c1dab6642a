import type { Millis } from './model.ts';

/** The answer to a question, or why there is none. No answer must never be taken for an empty one. */
export type Seen<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** A job's status as far as it matters here. `held` is everything before `queued`: waiting, pending, requested. */
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
  /** The runner that GitHub gave it to; null while it has none. */
  readonly runnerName: string | null;
}

/** A registered agent as GitHub lists it. */
export interface Runner {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly online: boolean;
  /** Lags by up to a minute and may go false in mid-job. So `true` may forbid an action, but `false` permits none. */
  readonly busy: boolean;
}

/** A part of a poll that went unanswered. `runId` null: the scope's list of runs itself could not be read. */
export interface Unread {
  readonly scope: string;
  readonly what: 'jobs' | 'runners';
  readonly runId: number | null;
  readonly why: string;
}

/** Why GitHub serves none of our requests now. */
export type Trouble =
  | { readonly kind: 'rate-limited'; readonly until: Millis; readonly why: string }
  | { readonly kind: 'github-unreachable'; readonly why: string };

/** Primary rate limit as GitHub's newest answer gave it. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: Millis;
}

/** What requests are for: to see what there is, to make a registration, to end one. */
export type RequestPurpose = 'observation' | 'registration' | 'cleanup';

/** Requests of the last hour. */
export interface RequestCounts {
  readonly sent: number;
  /** Those whose answers count against the primary limit: neither a 304 nor a refusal because of a limit. */
  readonly counted: number;
  readonly notModified: number;
  /** Those that were sent, by what they were for. */
  readonly byPurpose: Readonly<Record<RequestPurpose, number>>;
}

/** What one poll of GitHub read, and what it could not read. */
export interface GithubObservation {
  /** A time before the first request: what happened after it may be missing here. */
  readonly askedAt: Millis;
  /** Every scope that was asked about, whether or not it answered. */
  readonly scopes: readonly string[];
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
  /** Empty: the poll is complete. */
  readonly unread: readonly Unread[];
  readonly trouble: Trouble | null;
}

/**
 * What a job hook wrote, schema-checked. It is untrusted: it may make us notice a job earlier, and do nothing else.
 */
export interface JobSignal {
  readonly runId: number;
  readonly runAttempt: number;
  readonly repository: string;
}

/** `created`: it exists and was never started. `running`: it was started. `ended`: its unit or process is over. */
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
  /** The mark that was written beside the container; used when no promise covers it. */
  readonly mark: ContainerMark | null;
}

/** Written beside a container when it is made, and the name of its runner at its boot: enough to look after it should the ledger be lost. */
export interface ContainerMark {
  readonly className: string;
  readonly scope: string;
  /** The name that it booted with; null before its boot, when the registration may still go on under another name. */
  readonly runnerName: string | null;
  readonly subnet: number;
  readonly forJob: number;
  readonly forAttempt: number;
}

/** What was read of this host at one time. */
export interface HostObservation {
  readonly askedAt: Millis;
  readonly containers: readonly Container[];
  /** Every name that a new container cannot have, whoever uses it. */
  readonly namesInUse: readonly string[];
  /** Every N whose 192.168.N.0/24 meets an address or route of the host or a container that is not in the ledger. */
  readonly subnetsInUse: readonly number[];
  /** Bytes free where containers live; null when that could not be read. */
  readonly freeDisk: number | null;
}
