import { withDeadline } from '../abort.ts';
import { messageOf } from '../core/errors.ts';
import type { Millis } from '../core/model.ts';
import type { HostObservation, Seen } from '../core/observation.ts';
import type { Engine } from '../core/ports.ts';

/** The time-out of one observation of the host. */
const HOST_TIMEOUT: Millis = 30_000;

/** Observes the host once. A failure is told as such; it never counts as a host without containers. */
export async function observeHost(
  engine: Engine,
  promised: readonly string[],
  signal: AbortSignal,
): Promise<Seen<HostObservation>> {
  try {
    const value = await withDeadline(signal, HOST_TIMEOUT, (limit) => engine.observe(promised, limit));
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}
