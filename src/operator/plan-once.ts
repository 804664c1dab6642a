import type { PlanView } from '../core/plan/plan-view.ts';
import { planView } from '../core/plan/plan-view.ts';
import { plan } from '../core/plan/plan.ts';
import { mergeObservation } from '../core/plan/snapshot.ts';
import { observeGithub } from '../loop/observe.ts';
import { hostNow } from './host.ts';
import type { Sources } from './sources.ts';

/** Asks every source once: what the next tick would do, and why. */
export async function planOnce(sources: Sources, signal: AbortSignal): Promise<PlanView> {
  const { state, github, scopes, clock, waiting } = sources;
  const [observation, host, draining] = await Promise.all([
    waiting('GitHub', observeGithub(github, scopes, clock, signal)),
    hostNow(sources, signal),
    sources.isDraining(),
  ]);
  // A running controller may be at work on what is only reserved; it is left out.
  const inFlight = new Set(
    state.instances.filter(({ phase }) => phase === 'reserved').map(({ name }) => name),
  );
  const seen = { state, github: mergeObservation(null, observation), host, inFlight, draining };
  return planView(seen, observation, plan(seen, sources.policy, clock.now(), sources.random));
}
