import { leftoverRunners } from '../core/leftover-runners.ts';
import type { Runner, Seen } from '../core/observation.ts';
import { observeGithub } from '../loop/observe.ts';
import { hostNow } from './host.ts';
import type { Sources } from './sources.ts';

/** Our runners that nothing needs any more; unanswered unless the engine and every list of runners were read. */
export async function findLeftoverRunners(
  sources: Sources,
  signal: AbortSignal,
): Promise<Seen<readonly Runner[]>> {
  const { controllerId, state, github, scopes, clock, waiting } = sources;
  if (controllerId === null) return { ok: true, value: [] };
  const host = await hostNow(sources, signal);
  if (!host.ok) return { ok: false, why: `the engine cannot be read, so nothing is deleted: ${host.why}` };
  const observation = await waiting('GitHub', observeGithub(github, scopes, clock, signal));
  const unread = observation.unread.find(({ what }) => what === 'runners');
  if (unread !== undefined) return { ok: false, why: `GitHub's runners cannot be read: ${unread.why}` };
  const { containers } = host.value;
  return { ok: true, value: leftoverRunners(controllerId, state.instances, containers, observation.runners) };
}
