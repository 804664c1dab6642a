import type { Millis } from './model.ts';
import type { Job } from './observation.ts';

/** Resource limits of one container, in systemd's terms; what is absent is not limited. */
export interface ContainerLimits {
  /** 100 is one whole core. */
  readonly cpuPercent?: number;
  readonly memoryMaxBytes?: number;
  readonly memoryHighBytes?: number;
  /** Beside the memory; 0 when absent. */
  readonly memorySwapMaxBytes?: number;
  readonly tasksMax?: number;
  /** 1 to 10000, systemd's default is 100. */
  readonly ioWeight?: number;
}

/** A label set with a container system and a maximum. */
export interface RunnerClass {
  readonly name: string;
  readonly labels: readonly string[];
  readonly max: number;
  readonly jobTimeout: Millis;
  readonly system: string | null;
}

/** The operator's settings, as far as decisions need them. */
export interface Policy {
  readonly classes: readonly RunnerClass[];
  readonly maxConcurrent: number;
  readonly pollInterval: Millis;
  readonly startupTimeout: Millis;
  readonly idleTimeout: Millis;
  /** For instances whose class is no longer configured; every configured class has its own. */
  readonly jobTimeout: Millis;
  readonly subnets: readonly number[];
  /** Bytes. */
  readonly minFreeDisk: number;
  readonly namePrefix: string;
  readonly controllerId: string;
}

/** Why a queued job has no runner yet: contract section 4, a closed list. */
export const WAITING_REASONS = [
  'no-matching-class',
  'class-at-capacity',
  'host-at-capacity',
  'no-free-subnet',
  'starting',
  'waiting-for-github',
  'rate-limited',
  'github-unreachable',
  'backing-off',
  'runner-version-refused',
  'disk-low',
  'host-pressure',
  'draining',
  'repository-at-capacity',
  'isolation-missing',
  'ledger-unwritable',
  'not-permitted',
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

/** One queued job and why it waits. */
export interface Hold {
  readonly job: Job;
  readonly reason: WaitingReason;
  readonly detail: string;
}
