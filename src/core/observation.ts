import type { Millis, WallTime } from './model.ts';

/** The answer to a question, or why there is none. No answer must never be taken for an empty one. */
export type Seen<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** A job's status as far as it matters here. `held` is everything before `queued`: waiting, pending, requested. */
export type JobStatus = 'held' | 'queued' | 'in_progress' | 'completed';

/** A job as GitHub lists it. */
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
  readonly queuedAt: WallTime;
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

/**
 * The statuses of runs that can hold queued jobs. A run in progress can (a later row of a matrix, a job after `needs`),
 * and so can a waiting one. `pending` and `requested` runs become `queued` by themselves.
 */
export const STATUS_LISTS = ['queued', 'in_progress', 'waiting'] as const;
/** The lists of a scope's runs: those in one status, and the newest in any, because GitHub's filtered lists sometimes lack some. */
export const RUN_LISTS = [...STATUS_LISTS, 'newest'] as const;
export type RunList = (typeof RUN_LISTS)[number];

/** A run as a list shows it. */
export interface Run {
  readonly id: number;
  readonly scope: string;
  /** `owner/repo`, as GitHub writes it. */
  readonly repository: string;
  /** Attempt, status and time of the last change as GitHub writes them: another stamp means that the run has changed. */
  readonly stamp: string;
}

/** Something that GitHub is asked for by itself. */
export type Part =
  | { readonly kind: 'runs'; readonly scope: string; readonly list: RunList }
  | { readonly kind: 'runners'; readonly scope: string }
  /** The jobs of a run's newest attempt. */
  | { readonly kind: 'jobs'; readonly scope: string; readonly repository: string; readonly runId: number }
  | { readonly kind: 'job'; readonly scope: string; readonly repository: string; readonly jobId: number }
  | { readonly kind: 'runner'; readonly scope: string; readonly runnerId: number };

/**
 * What GitHub says of one part. `askedAt` is a time before the request went out: what happened after it may be missing.
 * `cut`: why the list holds only its newest entries; null when it holds all.
 */
export type Answer =
  | {
      readonly kind: 'runs';
      readonly askedAt: Millis;
      readonly runs: readonly Run[];
      readonly cut: string | null;
    }
  | { readonly kind: 'runners'; readonly askedAt: Millis; readonly runners: readonly Runner[] }
  | { readonly kind: 'jobs'; readonly askedAt: Millis; readonly jobs: readonly Job[] }
  /** Null: there is none of that id. */
  | { readonly kind: 'job'; readonly askedAt: Millis; readonly job: Job | null }
  | { readonly kind: 'runner'; readonly askedAt: Millis; readonly runner: Runner | null };

/** A part that was not answered. `gone`: GitHub says that there is no such thing. */
export interface Unread {
  readonly askedAt: Millis;
  readonly why: string;
  readonly gone: boolean;
}

/** GitHub serves none of our requests before `until`. */
export interface Limited {
  readonly since: Millis;
  readonly until: Millis;
  readonly why: string;
}

/** How urgent a read is: lists of runs and runners, jobs that may have changed, and all others in turn. */
export type Rank = 'list' | 'fresh' | 'turn';

/** Primary rate limit as GitHub's newest answer gave it. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: WallTime;
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
