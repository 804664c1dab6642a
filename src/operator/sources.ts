/**
 * What people look at: this folder asks the sources, has the core make sense of their answers, and changes neither a
 * container nor a runner nor the ledger. It may import the core and the loop's way of observing, and gets everything
 * else as `Sources`. Start reading at `plan-once.ts`.
 */
import type { State } from '../core/model.ts';
import type { Random } from '../core/naming.ts';
import type { Policy } from '../core/policy.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';

/** What an operator's question is answered from. */
export interface Sources {
  /** Null: no controller ever ran here, so nothing is ours. */
  readonly controllerId: string | null;
  readonly policy: Policy;
  readonly scopes: readonly string[];
  readonly state: State;
  readonly github: Github;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly isDraining: () => Promise<boolean>;
  readonly waiting: Waiting;
}

/** Awaits the work, and lets the person who asked know what is waited for once that takes long. */
export type Waiting = <T>(what: string, work: Promise<T>) => Promise<T>;
