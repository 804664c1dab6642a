/**
 * The nouns. A job and a runner are what GitHub says, a container is what the host says, an instance is what
 * we have promised to look after. Only promises are stored; facts are looked up again.
 */

/** Milliseconds: a point in time since the epoch, or a length. */
export type Millis = number;

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
export interface GithubLook {
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
  readonly runnerName: string;
  readonly subnet: number;
  readonly forJob: number;
  readonly forAttempt: number;
}

/** One look at this host. */
export interface HostLook {
  readonly askedAt: Millis;
  readonly containers: readonly Container[];
  /** Every name that a new container cannot have, whoever holds it. */
  readonly taken: readonly string[];
  /** Every N whose 192.168.N.0/24 meets an address or route of the host or a container that is not in the ledger. */
  readonly subnetsInUse: readonly number[];
  /** Bytes free where containers live; null when that could not be read. */
  readonly freeDisk: number | null;
}

export type Phase = 'reserved' | 'starting' | 'idle' | 'busy' | 'stopping';

/** Why an instance was ended; the operator's vocabulary, a closed list. */
export type StopReason =
  | 'job-finished'
  | 'exited-idle'
  | 'died-starting'
  | 'never-online'
  | 'idle-timeout'
  | 'not-needed'
  | 'job-timeout'
  | 'start-failed'
  | 'interrupted'
  | 'vanished'
  | 'drained'
  | 'operator'
  | 'leftover';

/** Stage timestamps of one instance, by our clock except `queuedAt`; null until reached. */
export interface Stages {
  readonly queuedAt: Millis | null;
  readonly seenAt: Millis | null;
  readonly reservedAt: Millis | null;
  readonly startedAt: Millis | null;
  readonly readyAt: Millis | null;
  readonly onlineAt: Millis | null;
  readonly busyAt: Millis | null;
  readonly endedAt: Millis | null;
  readonly gone: Millis | null;
}

/** What an instance runs. `id` is null until GitHub names it: the hook does not know the numeric id. */
export interface RunningJob {
  readonly id: number | null;
  readonly runId: number | null;
  readonly runAttempt: number | null;
  readonly repository: string | null;
}

/** A name, a subnet and a deadline that we have promised to look after. The only noun that is stored. */
export interface Instance {
  readonly name: string;
  readonly className: string;
  readonly scope: string;
  /** N of 192.168.N.0/24. */
  readonly subnet: number;
  readonly runnerName: string;
  /** GitHub's id of the runner, once known. */
  readonly runnerId: number | null;
  /** The job that caused it; never an assignment. */
  readonly forJob: number;
  /** That job's run attempt. */
  readonly forAttempt: number;
  readonly system: string | null;
  /** False only when GitHub certainly has no registration of `runnerName` any more. */
  readonly registered: boolean;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: Millis;
  /** How long of this phase GitHub did not answer; start and idle time-outs stand still meanwhile. */
  readonly blind: Millis;
  readonly stages: Stages;
  readonly job: RunningJob | null;
  /** Set in `stopping`: why, and whether its runner may be busy, so that it is asked before it is killed. */
  readonly stop: { readonly reason: StopReason; readonly clean: boolean; readonly detail: string } | null;
}

/** A registration that may outlive its container. Blocks nothing; retried until GitHub agrees. */
export interface Debt {
  readonly runnerName: string;
  readonly runnerId: number | null;
  readonly scope: string;
  readonly since: Millis;
  /** Null until GitHub was seen to list it still, or refused: most go by themselves a moment after their job. */
  readonly reason: string | null;
  readonly attempts: number;
  readonly nextTry: Millis;
}

/** Starts of a class that failed in a row. */
export interface Failure {
  readonly className: string;
  readonly count: number;
  readonly until: Millis;
  readonly detail: string;
}

/** A job whose instances went idle-timeout while it stayed queued. Held once it has two. */
export interface Ghost {
  readonly jobId: number;
  readonly runAttempt: number;
  readonly strikes: number;
  readonly lastAt: Millis;
}

/** A runner that became busy; lowers demand until a complete look that was asked for later. */
export interface Taken {
  readonly className: string;
  readonly scope: string;
  readonly runnerName: string;
  readonly at: Millis;
  readonly forJob: number;
  readonly runId: number | null;
  /** It ended without a word of any job: if `forJob` is queued still, the start has failed. */
  readonly unproven: boolean;
}

/** An instance that is over, kept for a while for people and for `status`. */
export interface Finished {
  readonly name: string;
  readonly runnerName: string;
  readonly className: string;
  readonly scope: string;
  readonly forJob: number;
  readonly job: RunningJob | null;
  readonly reason: StopReason;
  readonly detail: string;
  readonly stages: Stages;
}

/** Everything that is stored. */
export interface State {
  readonly instances: readonly Instance[];
  readonly debts: readonly Debt[];
  readonly failures: readonly Failure[];
  readonly ghosts: readonly Ghost[];
  readonly taken: readonly Taken[];
  readonly finished: readonly Finished[];
  /** When GitHub last gave a complete look; null before the first. */
  readonly answeredAt: Millis | null;
}

export const EMPTY_STATE: State = {
  instances: [],
  debts: [],
  failures: [],
  ghosts: [],
  taken: [],
  finished: [],
  answeredAt: null,
};

/** A label set with a container system and a maximum. */
export interface RunnerClass {
  readonly name: string;
  readonly labels: readonly string[];
  readonly max: number;
  readonly jobTimeout: Millis;
  readonly system: string | null;
}

/** What the operator wants, in the core's words. */
export interface Policy {
  readonly classes: readonly RunnerClass[];
  readonly maxConcurrent: number;
  readonly pollInterval: Millis;
  readonly startupTimeout: Millis;
  readonly idleTimeout: Millis;
  /** For instances of a class that is no longer configured; a class has its own. */
  readonly jobTimeout: Millis;
  readonly subnets: readonly number[];
  /** Bytes. */
  readonly minFreeDisk: number;
  readonly namePrefix: string;
  readonly controllerId: string;
}

/** Why a queued job has no runner yet: contract section 4, a closed list. */
export type WaitingReason =
  | 'no-matching-class'
  | 'class-at-capacity'
  | 'host-at-capacity'
  | 'no-free-subnet'
  | 'starting'
  | 'waiting-for-github'
  | 'rate-limited'
  | 'github-unreachable'
  | 'backing-off'
  | 'runner-version-refused'
  | 'disk-low'
  | 'host-pressure'
  | 'draining';

/** One queued job and why it waits. */
export interface Hold {
  readonly job: Job;
  readonly reason: WaitingReason;
  readonly detail: string;
}
