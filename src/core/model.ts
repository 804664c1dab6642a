/**
 * What is stored, and the first file of the core to read. An instance is a promise: a container that we look after, from
 * before it exists until after it is gone. Facts (jobs, runners, containers: `observation.ts`) are never stored, because
 * GitHub and the host can be asked again. The core imports nothing from other folders and no package: `ports.ts` says what
 * it needs of them, `change.ts` and `apply.ts` are how the state changes, and `plan` decides.
 */

/**
 * Milliseconds: a length, or a time on the monotonic clock of this boot of the host (CLOCK_MONOTONIC, which is systemd's
 * too). It is never set, goes on when the controller is restarted, and is negative for what was before the boot.
 * `time/instant.ts` says how such a time is stored and shown. A date of GitHub's is no such time: it is only shown, and
 * compared with others of GitHub's.
 */
export type Millis = number;

/** A date of GitHub's, or what the wall clock says: milliseconds since the epoch. */
export type WallTime = number;

/**
 * Where an instance is in its life. It only moves down this list, and `apply` is the only code that moves it.
 *
 * `reserved`: the promise is on disk.
 *   Entered when the plan finds a queued job that nothing covers. Holds a slot, a name, a subnet and a runner name; the
 *   container and the registration may be half made. Left for `starting` when the boot begins, for `busy` when a
 *   job is seen in it first, for `stopping` when the start fails or is cut short. Covers a queued job.
 *
 * `starting`: the container boots.
 *   Entered when the engine begins the boot; from then on its unit exists or is over. `RUNNER_STARTUP_TIMEOUT` runs.
 *   Left for `idle` when GitHub lists the runner online, for `busy` when a hook or a job names it, for `stopping`
 *   when it dies or GitHub agrees to let the runner go. Covers a queued job.
 *
 * `idle`: GitHub lists the runner online and no job is known in it.
 *   `RUNNER_IDLE_TIMEOUT` runs. Left for `busy` when a hook or a job names it or GitHub refuses to deregister it,
 *   for `stopping` when it exits or GitHub agrees to let the runner go. Covers a queued job.
 *
 * `busy`: a job runs in it, or GitHub says so by refusing to deregister it.
 *   `JOB_TIMEOUT` runs and nothing else does: neither drain nor surplus ends it. Left for `stopping` when the
 *   container ends by itself, the time-out passes, or an operator asks. Covers no queued job.
 *
 * `stopping`: it is over for us, and `stop` says why.
 *   The container is being made gone and is asked after until it is. Still holds slot, name and subnet. Left by
 *   removal of the instance once the host no longer has the container; a registration that may be left is a debt.
 */
export const PHASES = ['reserved', 'starting', 'idle', 'busy', 'stopping'] as const;
export type Phase = (typeof PHASES)[number];

/** Why an instance was ended; the operator's vocabulary, a closed list. */
export const STOP_REASONS = [
  'job-finished',
  'exited-idle',
  'died-starting',
  'never-online',
  'idle-timeout',
  'not-needed',
  'job-timeout',
  'start-failed',
  'interrupted',
  'vanished',
  'unregistered',
  'drained',
  'operator',
  'leftover',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/**
 * Stage timestamps of one instance, null until reached; all but `queuedAt`, which is GitHub's date, by our clock. `busyAt`
 * is when its job was first known to have begun: `JOB_TIMEOUT` counts from it.
 */
export interface Stages {
  readonly queuedAt: WallTime | null;
  readonly seenAt: Millis | null;
  readonly reservedAt: Millis | null;
  readonly startedAt: Millis | null;
  readonly readyAt: Millis | null;
  readonly onlineAt: Millis | null;
  readonly busyAt: Millis | null;
  readonly endedAt: Millis | null;
  readonly gone: Millis | null;
}

/** Nothing reached yet. */
export const NO_STAGES: Stages = {
  queuedAt: null,
  seenAt: null,
  reservedAt: null,
  startedAt: null,
  readyAt: null,
  onlineAt: null,
  busyAt: null,
  endedAt: null,
  gone: null,
};

/** What an instance runs. `id` is null until GitHub names it: the hook does not know the numeric id. */
export interface RunningJob {
  readonly id: number | null;
  readonly runId: number | null;
  readonly runAttempt: number | null;
  readonly repository: string | null;
}

/** A container that we have promised to look after: its name, its subnet and where it is in its life. */
export interface Instance {
  readonly name: string;
  readonly className: string;
  readonly scope: string;
  /** N of 192.168.N.0/24. */
  readonly subnet: number;
  readonly runnerName: string;
  /** GitHub's id of the runner, once known. */
  readonly runnerId: number | null;
  /** The job that it was made for. GitHub may give its runner any other job. */
  readonly forJob: number;
  /** That job's run attempt. */
  readonly forAttempt: number;
  readonly system: string | null;
  /** False only when GitHub certainly has no registration of `runnerName` any more. */
  readonly registered: boolean;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: Millis;
  /** For how long of this phase GitHub did not answer; start and idle time-outs are put off by that. */
  readonly unansweredFor: Millis;
  readonly stages: Stages;
  readonly job: RunningJob | null;
  /** When GitHub last refused to deregister its runner: it calls it busy. */
  readonly refusedAt: Millis | null;
  /** Since when GitHub says that its job is over while it goes on. */
  readonly overSince: Millis | null;
  /** Set in `stopping`: the reason, and whether its runner may be busy and so is asked to end before it is killed. */
  readonly stop: { readonly reason: StopReason; readonly clean: boolean; readonly detail: string } | null;
}

/**
 * A registration that may outlive its container. Its deletion is tried until GitHub no longer has it; meanwhile it
 * keeps nothing else from happening.
 */
export interface Debt {
  readonly runnerName: string;
  readonly runnerId: number | null;
  readonly scope: string;
  readonly since: Millis;
  /** Null until GitHub still listed it or refused: GitHub deletes most of them by itself a moment after their job. */
  readonly reason: string | null;
  readonly attempts: number;
  readonly nextTry: Millis;
}

/** Starts of a class that failed in a row in a scope: no job began in any of them. */
export interface Failure {
  readonly className: string;
  readonly scope: string;
  /** Labels and system of the class when it failed, as one text: nothing is held against a class that has changed. */
  readonly shape: string;
  readonly count: number;
  /** When the newest of them was counted. Whatever was made before was under way then, and counts no more. */
  readonly lastAt: Millis;
  /** When the third of them was counted; null before. */
  readonly thirdAt: Millis | null;
  /** When the next may be tried. */
  readonly until: Millis;
  /** The last words of what failed. */
  readonly detail: string;
}

/**
 * A container that ended by itself, or did not come online in time, and in which no job was seen. Whether one ran in it
 * is known by a read of the jobs after its end: if none names its runner, its start has failed. Until then the job that
 * it was made for waits.
 */
export interface Suspect {
  readonly runnerName: string;
  /** Of the container. */
  readonly name: string;
  readonly className: string;
  readonly scope: string;
  readonly system: string | null;
  readonly forJob: number;
  readonly forAttempt: number;
  readonly reason: StopReason;
  readonly detail: string;
  readonly madeAt: Millis;
  readonly endedAt: Millis;
}

/**
 * A queued job to which GitHub gave no runner until `strikes` of those that were made for it reached the idle time-out.
 * From two on it is held.
 */
export interface Ghost {
  readonly jobId: number;
  readonly runAttempt: number;
  /** Of the runners. */
  readonly className: string;
  readonly scope: string;
  readonly strikes: number;
  /** When the first of them began to idle. */
  readonly since: Millis;
  /** When the last of them had idled for too long. */
  readonly lastAt: Millis;
}

/** When a job last began in a runner of this class and scope. */
export interface Given {
  readonly className: string;
  readonly scope: string;
  readonly at: Millis;
}

/**
 * A runner that became busy, and GitHub has not said with which job. It takes one queued job off demand until GitHub does,
 * or has had its time to (`plan/claims.ts`).
 */
export interface ClaimedRunner {
  readonly className: string;
  readonly scope: string;
  readonly runnerName: string;
  readonly at: Millis;
  /** When its container ended; null while it runs. */
  readonly endedAt: Millis | null;
  readonly forJob: number;
  readonly runId: number | null;
}

/** An instance that is over. The last hundred are kept, for people. */
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

/** Everything that is stored. `time/carry-over.ts` names all its times. */
export interface State {
  readonly instances: readonly Instance[];
  readonly debts: readonly Debt[];
  readonly failures: readonly Failure[];
  readonly suspects: readonly Suspect[];
  readonly ghosts: readonly Ghost[];
  readonly given: readonly Given[];
  readonly claimed: readonly ClaimedRunner[];
  readonly finished: readonly Finished[];
  /** When the newest list of each scope's runners was asked for. */
  readonly answeredAt: Readonly<Record<string, Millis>>;
}

export const EMPTY_STATE: State = {
  instances: [],
  debts: [],
  failures: [],
  suspects: [],
  ghosts: [],
  given: [],
  claimed: [],
  finished: [],
  answeredAt: {},
};
