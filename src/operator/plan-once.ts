import type { PlanView } from '../core/plan/plan-view.ts';
import { planView } from '../core/plan/plan-view.ts';
import { plan } from '../core/plan/plan.ts';
import { githubNow } from './github.ts';
import { hostNow } from './host.ts';
import type { Sources } from './sources.ts';

/** Asks every source once: what the next tick would do, and why. */
export async function planOnce(sources: Sources, signal: AbortSignal): Promise<PlanView> {
  const { state, clock } = sources;
  const [github, host, draining] = await Promise.all([
    githubNow(sources, signal),
    hostNow(sources, signal),
    sources.isDraining(),
  ]);
  // A running controller may be at work on what is only reserved; it is left out.
  const inFlight = new Set(
    state.instances.filter(({ phase }) => phase === 'reserved').map(({ name }) => name),
  );
  const seen = { state, github, host, inFlight, draining };
  const now = clock.now();
  return planView(seen, plan(seen, sources.policy, now, sources.random), now);
}
