import type { Change } from '../change.ts';
import type { Question } from '../known/questions.ts';
import type { Instance, Millis } from '../model.ts';
import type { Policy } from '../policy.ts';
import type { Observed } from './observed.ts';
import { containersOf, freshFor, freshRunners } from './observed.ts';

/** How long a container may go on after its job is over: with its `completed` hook, and without. */
const AFTER_HOOK: Millis = 60_000;
const WITHOUT_HOOK: Millis = 10 * 60_000;

/**
 * Containers that go on though GitHub says that their job is over (contract section 3, "Over means over"). Whoever may be one
 * is asked after by the ids of its job and its runner. A job that is known from a hook alone ends nothing so.
 */
export function over(
  seen: Observed,
  policy: Policy,
  now: Millis,
): { readonly changes: readonly Change[]; readonly questions: readonly Question[] } {
  const containers = seen.host.ok ? containersOf(seen.host.value) : null;
  const changes: Change[] = [];
  const questions: Question[] = [];
  for (const instance of seen.state.instances) {
    const { name, phase, scope, runnerId, job, overSince } = instance;
    if (phase !== 'busy' || job === null || job.id === null || runnerId === null) continue;
    if (!seen.github.scopes.has(scope)) continue;
    const completed = (containers?.get(name)?.completed ?? null) !== null;
    if (overSince === null && !completed && !isInDoubt(seen, instance)) continue;
    const repository = job.repository ?? scope;
    questions.push({ kind: 'job', scope, repository, jobId: job.id }, { kind: 'runner', scope, runnerId });
    const isOver = saysOver(seen, instance, job.id, runnerId, policy, now);
    if (isOver === null) continue;
    if (isOver !== (overSince !== null)) changes.push({ kind: 'over', name, at: isOver ? now : null });
    else if (overSince !== null && now - overSince >= (completed ? AFTER_HOOK : WITHOUT_HOOK)) {
      changes.push({
        kind: 'stop',
        name,
        reason: 'job-finished',
        clean: true,
        detail: 'GitHub says that its job is over, and it went on',
        at: now,
        deregistered: true,
      });
    }
  }
  return { changes, questions };
}

/** Whether a list hints that the job is over: it is worth asking, and proves nothing. */
function isInDoubt({ github }: Observed, { runnerName, scope, since }: Instance): boolean {
  if (github.byRunner.get(runnerName)?.status === 'completed') return true;
  return (github.runnersAsOf(scope) ?? -Infinity) > since && !github.runners.has(runnerName);
}

/** GitHub's word on it; null while there is none that is fresh. */
function saysOver(
  seen: Observed,
  { scope, runnerName }: Instance,
  jobId: number,
  runnerId: number,
  policy: Policy,
  now: Millis,
): boolean | null {
  const { questions } = seen.github;
  const job = questions.job(scope, jobId);
  const runner = questions.runner(scope, runnerId);
  const isFresh = (asOf: Millis | null): boolean => asOf !== null && now - asOf <= freshFor(policy);
  if (!isFresh(job.asOf) || !isFresh(runner.asOf)) return null;
  if (freshRunners(seen, scope, policy, now) === null) return null;
  return job.job?.status === 'completed' && job.job.runnerName === runnerName && runner.runner === null;
}
