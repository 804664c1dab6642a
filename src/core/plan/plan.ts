/**
 * Decides what to do, as data. Nothing here reads a clock, draws a random number or does input and output: everything
 * comes in as an argument. Start with `plan`, which calls the other files in order: `verdicts`, `leftovers`
 * and `facts` (what has happened), `endings` and `debts` (what is over), `demand` (what is needed).
 */

import { applyAll } from '../apply/apply.ts';
import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import { hasUnreadChange, isCaughtUp, runsAsOf } from '../known/freshness.ts';
import type { Question } from '../known/questions.ts';
import type { Instance, Millis, State, Suspect } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Hold, Policy } from '../policy.ts';
import { claims } from './claims.ts';
import { debts } from './debts.ts';
import { demand } from './demand.ts';
import { endings, timeouts } from './endings.ts';
import { facts } from './facts.ts';
import { forgotten, verdicts } from './failures.ts';
import { leftovers } from './leftovers.ts';
import type { Observed } from './observed.ts';
import { freshFor, freshRunners } from './observed.ts';
import { over } from './over.ts';
import { unregistered } from './unregistered.ts';

/** What one tick decides. The changes are stored before the first effect begins. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  /** Every queued job of ours, oldest first, and why it does not run yet. */
  readonly holds: readonly Hold[];
  /** What GitHub is to be asked by its id in every poll, as long as a plan says so. */
  readonly questions: readonly Question[];
  /** The state once the changes are applied. */
  readonly state: State;
}

/**
 * Decides what to do. It is pure: the same observation, time and random numbers give the same plan. It reads only facts
 * and promises, never earlier decisions, so that start-up, recovery and everyday work are one path.
 */
export function plan(seen: Observed, policy: Policy, now: Millis, random: Random): Plan {
  const changes: Change[] = [];
  const effects: Effect[] = [];
  let current = seen;
  const step = (more: readonly Change[], todo: readonly Effect[] = []): void => {
    changes.push(...more);
    effects.push(...todo);
    if (more.length > 0) current = { ...current, state: applyAll(current.state, more) };
  };

  step(verdicts(current, policy, now, random));
  step(forgotten(current, policy, now));
  step(answered(current, policy));
  step(claims(current, policy));
  step(leftovers(current, now));
  step(facts(current, now));
  const done = over(current, policy, now);
  step(done.changes);
  const lost = unregistered(current, policy, now);
  const late = timeouts(current, policy, now, lost.names);
  step(late.changes, late.effects);
  const ends = endings(current, now);
  step(ends.changes, ends.effects);
  const open = debts(current, policy, now);
  step(open.changes, open.effects);

  const wants = demand(current, policy, now, random, lost.names);
  const retired = new Set(late.effects.flatMap((it) => ('name' in it ? [it.name] : [])));
  step(
    wants.release.map((jobId) => ({ kind: 'hold-released', jobId })),
    wants.spare
      .filter((it) => !retired.has(it.name) && isSurplus(current, it, policy, now))
      .map(({ name }) => ({ kind: 'retire', name, reason: 'not-needed' })),
  );
  step(
    wants.reserve.map((instance) => ({ kind: 'reserve', instance })),
    wants.reserve.map(({ name }) => ({ kind: 'start', name })),
  );
  const questions = [...done.questions, ...lost.questions];
  return { changes, effects, holds: wants.holds, questions, state: current.state };
}

/** Notes each list of runners: time in which GitHub gives no word on a runner does not count towards its time-outs. */
function answered({ github, state }: Observed, policy: Policy): readonly Change[] {
  const changes: Change[] = [];
  for (const scope of github.scopes.keys()) {
    const at = github.runnersAsOf(scope);
    if (at === null || at <= (state.answeredAt[scope] ?? -Infinity)) continue;
    changes.push({ kind: 'answered', scope, at, slack: freshFor(policy) });
  }
  return changes;
}

/**
 * Whether an instance that no job needs may be retired. Every open run of its scope must have been read, as far as they
 * can be, its lists must be younger than its phase, and GitHub must know the runner and not call it busy. While a runner
 * of the scope has just claimed a job, or ended and may have had one, it is a guess which job that was, and no instance
 * is given up on a guess.
 */
function isSurplus(seen: Observed, instance: Instance, policy: Policy, now: Millis): boolean {
  const { github } = seen;
  const scope = github.scopes.get(instance.scope);
  if (scope === undefined || seen.inFlight.has(instance.name)) return false;
  if (instance.phase === 'reserved' || instance.runnerId === null) return false;
  if (seen.state.claimed.some((it) => it.scope === instance.scope)) return false;
  const asOf = freshRunners(seen, instance.scope, policy, now);
  const runs = runsAsOf(scope);
  if (asOf === null || asOf <= instance.since || runs === null || runs <= instance.since) return false;
  if (now - runs > freshFor(policy) || !isCaughtUp(scope) || hasUnreadChange(scope)) return false;
  const justEnded = (it: Suspect): boolean => it.scope === instance.scope && it.endedAt >= runs;
  if (seen.state.suspects.some(justEnded)) return false;
  return github.runners.get(instance.runnerName)?.busy !== true;
}
