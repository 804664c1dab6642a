import type { Question } from '../known/questions.ts';
import type { KnownRunners } from '../known/runners.ts';
import type { Instance, Millis } from '../model.ts';
import type { Policy } from '../policy.ts';
import type { Observed } from './observed.ts';
import { freshRunners } from './observed.ts';

/** Lists that lack a runner must be so far apart. */
const APART: Millis = 30_000;
/** GitHub lists a runner by then, however late its lists are. */
const LISTED_BY: Millis = 120_000;

/**
 * Runners whose registration has vanished: two lists asked half a minute apart lack it, and GitHub knows none of its id.
 * They are no supply (contract section 3, "A vanished registration").
 */
export function unregistered(
  seen: Observed,
  policy: Policy,
  now: Millis,
): { readonly names: ReadonlySet<string>; readonly questions: readonly Question[] } {
  const { github, state } = seen;
  const names = new Set<string>();
  const questions: Question[] = [];
  for (const instance of state.instances) {
    const { name, phase, scope, runnerId } = instance;
    if ((phase !== 'starting' && phase !== 'idle') || runnerId === null) continue;
    const lacking = lackingSince(github.scopes.get(scope)?.runners, instance, now);
    const asOf = freshRunners(seen, scope, policy, now);
    if (lacking === null || asOf === null || asOf - lacking < APART) continue;
    questions.push({ kind: 'runner', scope, runnerId });
    const answer = github.questions.runner(scope, runnerId);
    if (answer.asOf !== null && answer.asOf > lacking && answer.runner === null) names.add(name);
  }
  return { names, questions };
}

/** Since when the lists lack the runner; null while they show it, or may show it later. */
function lackingSince(
  runners: KnownRunners | undefined,
  { runnerName, stages, since }: Instance,
  now: Millis,
): Millis | null {
  if (runners === undefined || runners.byName.has(runnerName)) return null;
  const missing = runners.missing.get(runnerName);
  if (missing !== undefined) return missing;
  const begun = stages.startedAt ?? since;
  if (runners.firstAskedAt === null || now - begun <= LISTED_BY) return null;
  return Math.max(runners.firstAskedAt, begun);
}
