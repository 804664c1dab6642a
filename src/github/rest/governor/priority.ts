import type { RequestPurpose } from '../../../core/observation.ts';

/**
 * Whose turn it is. `cleanup` removes what exists and `registration` serves jobs; neither goes before the other. Then
 * observation, in three ranks: `list` tells which runs and runners there are, `fresh` reads runs that changed or hold
 * jobs of ours, `turn` reads the others in turn.
 */
export type Priority = 'cleanup' | 'registration' | 'list' | 'fresh' | 'turn';

/** Whether a request only asks, or makes or removes something. */
export type Kind = 'read' | 'write';

/** A request that wants to go out. */
export interface Wish {
  readonly kind: Kind;
  readonly priority: Priority;
}

export function purposeOf(priority: Priority): RequestPurpose {
  return priority === 'cleanup' || priority === 'registration' ? priority : 'observation';
}
