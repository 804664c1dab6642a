import type { Millis, State, WallTime } from './model.ts';
import type { Answer, HostObservation, Part, Rank, RateLimit, RequestCounts, Runner } from './observation.ts';

/** What makes containers, and the process engine for development. */
export const ENGINE_KINDS = ['nixos-container', 'nspawn', 'process'] as const;

/** A text that must not be printed. It is read only where a request or a credential file is made. */
export interface Sealed {
  reveal(): string;
}

/** The time and waiting, so that tests can control both. */
export interface Clock {
  /** Which boot of the host it is: the kernel's boot id. */
  readonly boot: string;
  /** The monotonic clock of this boot: CLOCK_MONOTONIC, by which everything is waited for and judged. */
  now(): Millis;
  /** The wall clock, for people and for GitHub's dates. It may be set at any time, forwards and back. */
  wall(): WallTime;
  /** Resolves after `ms`, or at once when the signal fires; never rejects. */
  sleep(ms: Millis, signal: AbortSignal): Promise<void>;
}

/** A one-job registration. */
export interface Registration {
  /** Null in `token` mode: the runner registers itself, and GitHub lists it later. */
  readonly runnerId: number | null;
  /** The JSON of contract section 3 that the container gets as the credential `runner-registration`. */
  readonly credential: Sealed;
}

/** The registration that a container boots with. */
export interface Registered {
  /** Its final name: a registration whose answer was lost goes on under a name that was promised later. */
  readonly runnerName: string;
  readonly credential: Sealed;
}

/** What must be registered. */
export interface RegistrationOrder {
  readonly scope: string;
  readonly runnerName: string;
  readonly labels: readonly string[];
}

/** The part of GitHub that we need. Failures are `GithubError`. */
export interface Github {
  /** Reads one part. The rank says what goes first while requests wait for their share of GitHub's limits. */
  read(part: Part, rank: Rank, signal: AbortSignal): Promise<Answer>;
  /**
   * Makes a registration under a name that was never used. When the answer is lost or GitHub says that the name
   * exists, what may have been made is looked up and removed, and `lost` is thrown: the caller tries a new name.
   */
  register(order: RegistrationOrder, signal: AbortSignal): Promise<Registration>;
  /** `busy`: GitHub refuses because the runner has a job. A runner that does not exist is `gone`. */
  deregister(scope: string, runnerId: number, signal: AbortSignal): Promise<'gone' | 'busy'>;
  /** The runner of exactly this name, or null when GitHub lists none. */
  findRunner(scope: string, runnerName: string, signal: AbortSignal): Promise<Runner | null>;
  /** The primary rate limit as of the newest answer; null before the first. */
  rateLimit(): RateLimit | null;
  requests(): RequestCounts;
}

/** What the engine must make. */
export interface ContainerOrder {
  readonly name: string;
  readonly className: string;
  readonly scope: string;
  readonly subnet: number;
  readonly forJob: number;
  readonly forAttempt: number;
  readonly system: string | null;
}

/** One line of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly detail: string;
}

/** What makes and ends containers. Failures are `EngineError`. Every call may be repeated. */
export interface Engine {
  /**
   * Everything of ours on this host: what carries our mark, and what exists under a `promised` name. Changes nothing,
   * unless this engine is being watched: then its owner is the controller, and what it left over is tidied up too.
   * Throws when the host cannot be read; a partial answer is a failure.
   */
  observe(promised: readonly string[], signal: AbortSignal): Promise<HostObservation>;
  /** Makes the container exist, marked as ours and not started. Fails if anything of that name exists. */
  create(order: ContainerOrder, signal: AbortSignal): Promise<void>;
  /**
   * Hands over the credential and starts the one boot. Returns once it runs. Fails if it ran before. The
   * runner's name is written down with the container here, once.
   */
  start(name: string, registered: Registered, signal: AbortSignal): Promise<void>;
  /** Removes the credential's file: the runner was seen online or busy, so the credential has been used. */
  discardCredential(name: string): Promise<void>;
  /**
   * Removes its unit, processes, network and disk, and checks that they are gone. An absent container is a success.
   * `clean` asks it to end first and kills after 60 s; otherwise it is killed at once. A later call with `clean: false`
   * cuts a clean one short.
   */
  destroy(name: string, how: { readonly clean: boolean }, signal: AbortSignal): Promise<void>;
  /** Calls back when a container ended or a signal file may have changed, without saying which. */
  watch(onChange: () => void): Disposable;
  /** What this host lacks, in words that a person can act on. */
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
}

/** Where promises are kept. */
export interface Store {
  /** What was last saved, or the empty state. */
  readonly state: State;
  /** Replaces it; resolved means that it survives a power cut. Calls that overlap are written in order. */
  save(state: State): Promise<void>;
}
