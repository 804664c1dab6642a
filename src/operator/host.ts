import type { HostObservation, Seen } from '../core/observation.ts';
import { observeHost } from '../loop/observe.ts';
import type { Sources } from './sources.ts';

/** What is on this host now: what carries our mark, and what exists under a name that the ledger promised. */
export function hostNow(
  { engine, state }: Pick<Sources, 'engine' | 'state'>,
  signal: AbortSignal,
): Promise<Seen<HostObservation>> {
  return observeHost(
    engine,
    state.instances.map(({ name }) => name),
    signal,
  );
}
