import type { Change } from '../core/change.ts';
import type { Millis, State } from '../core/model.ts';
import type { Policy } from '../core/policy.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';
import type { Events } from '../telemetry/events.ts';

/** What the executor is made of. */
export interface ExecutorOptions {
  readonly github: Github;
  readonly engine: Engine;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: Events;
  /** How many containers are made at the same time. */
  readonly concurrency: number;
  readonly state: () => State;
  /** Applies changes at once; resolves when they are stored. */
  readonly record: (changes: readonly Change[]) => Promise<void>;
  /** Called when GitHub said that it answers nobody before `until`. */
  readonly limited: (until: Millis, why: string) => void;
  /** The number of the observation of the host that began last. */
  readonly observationNumber: () => number;
  /** Called when an effect is over, so that the host is observed again. */
  readonly done: () => void;
}
