import type { ContainerOrder, Finding } from '../../core/ports.ts';
import type { Marked } from './mark.ts';
import type { MachinePaths } from './paths.ts';

/** Where two engines over systemd differ: what they make of an instance directory, and how it becomes a unit. */
export interface MachineKind {
  /** The part of the unit's name before the `@`. */
  readonly template: string;
  /** Where containers live: free disk is measured there. */
  readonly disk: string;
  /** Names of containers that exist without an instance directory, with the mark that they carry. */
  marked(): ReadonlyMap<string, Marked>;
  /** Fails unless the name is free of whatever this engine would use. The instance directory exists. */
  make(order: ContainerOrder, paths: MachinePaths, signal: AbortSignal): Promise<void>;
  /** Writes down the name that its runner has, wherever this engine keeps more of it than the instance directory. */
  noteRunner(name: string, runnerName: string): Promise<void>;
  /** Starts its unit, which loads the credential from `paths.credential`. Returns once it is ready. */
  boot(name: string, paths: MachinePaths, signal: AbortSignal): Promise<void>;
  /** Its unit is over: removes everything else of it, and verifies. Absent is success. */
  remove(name: string, paths: MachinePaths, signal: AbortSignal): Promise<void>;
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
}
