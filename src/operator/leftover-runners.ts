import { messageOf } from '../core/errors.ts';
import { leftoverRunners } from '../core/leftover-runners.ts';
import type { Runner, Seen } from '../core/observation.ts';
import { hostNow } from './host.ts';
import type { Sources } from './sources.ts';

/** Our runners that nothing needs any more; unanswered unless the engine and every list of runners were read. */
export async function findLeftoverRunners(
  sources: Sources,
  signal: AbortSignal,
): Promise<Seen<readonly Runner[]>> {
  const { controllerId, state, github, scopes, waiting } = sources;
  if (controllerId === null) return { ok: true, value: [] };
  const host = await hostNow(sources, signal);
  if (!host.ok) return { ok: false, why: `the engine cannot be read, so nothing is deleted: ${host.why}` };
  const reads = scopes.map((scope) => github.read({ kind: 'runners', scope }, 'list', signal));
  let runners: readonly Runner[];
  try {
    const answers = await waiting('GitHub', Promise.all(reads));
    runners = answers.flatMap((answer) => (answer.kind === 'runners' ? answer.runners : []));
  } catch (error) {
    return { ok: false, why: `GitHub's runners cannot be read: ${messageOf(error)}` };
  }
  const { containers } = host.value;
  return { ok: true, value: leftoverRunners(controllerId, state.instances, containers, runners) };
}
