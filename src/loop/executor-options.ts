import type { Change } from '../core/change.ts';
import type { Millis, State } from '../core/model.ts';
import type { Policy } from '../core/policy.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';
import type { Events } from '../telemetry/events.ts';

/** What effects need. */
export interface ExecutorOptions {
  readonly github: Github;
  readonly engine: Engine;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: Events;
  /** Containers made at once. */
  readonly concurrency: number;
  readonly state: () => State;
  /** Applies changes at once; resolved when they are stored. */
  readonly record: (changes: readonly Change[]) => Promise<void>;
  /** GitHub said that it answers nobody until then. */
  readonly limited: (until: Millis, why: string) => void;
  /** The number of the look at the host that began last. */
  readonly observationNumber: () => number;
  /** An effect is over: the host is worth a look. */
  readonly done: () => void;
}
