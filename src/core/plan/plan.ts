/**
 * Decides what to do, as data. Nothing here reads a clock, draws a random number or does input and output: everything
 * comes in as an argument. Start with `plan`, which calls the other files in order: `verdicts`, `leftovers`
 * and `facts` (what has happened), `endings` and `debts` (what is over), `demand` (what is needed).
 */

import { applyAll } from '../apply.ts';
import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Instance, Millis, State, Suspect } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Hold, Policy } from '../policy.ts';
import { debts } from './debts.ts';
import { demand } from './demand.ts';
import { endings, timeouts } from './endings.ts';
import { facts } from './facts.ts';
import { forgotten, verdicts } from './failures.ts';
import { leftovers } from './leftovers.ts';
import type { Observed } from './observed.ts';
import { githubAnswers, pollSlack } from './observed.ts';

/** What one tick decides. The changes are stored before the first effect begins. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  /** Every queued job of ours, oldest first, and why it does not run yet. */
  readonly holds: readonly Hold[];
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
  step(answered(current, policy, now));
  step(leftovers(current, now));
  step(facts(current, now));
  const late = timeouts(current, policy, now);
  step(late.changes, late.effects);
  const ends = endings(current, now);
  step(ends.changes, ends.effects);
  const open = debts(current, policy, now);
  step(open.changes, open.effects);

  const wants = demand(current, policy, now, random);
  const retired = new Set(late.effects.flatMap((it) => ('name' in it ? [it.name] : [])));
  step(
    wants.release.map((jobId) => ({ kind: 'hold-released', jobId })),
    wants.spare
      .filter((it) => !retired.has(it.name) && isSurplus(current, it))
      .map(({ name }) => ({ kind: 'retire', name, reason: 'not-needed' })),
  );
  step(
    wants.reserve.map((instance) => ({ kind: 'reserve', instance })),
    wants.reserve.map(({ name }) => ({ kind: 'start', name })),
  );
  return { changes, effects, holds: wants.holds, state: current.state };
}

/**
 * Notes a poll that any scope answered in full. A time in the future is from before the clock was set back: it is
 * ignored.
 */
function answered(seen: Observed, policy: Policy, now: Millis): readonly Change[] {
  const { github, state } = seen;
  if (github === null || github.trouble !== null || github.askedAt > now) return [];
  const { askedAt, scopes, unreadScopes: unread } = github;
  const before = state.answeredAt !== null && state.answeredAt <= now ? state.answeredAt : -1;
  if (scopes.every((scope) => unread.has(scope)) || askedAt <= before) return [];
  return [{ kind: 'answered', at: askedAt, now, unread, slack: pollSlack(policy) }];
}

/**
 * Whether an instance that no job needs may be retired. The poll must be complete for its scope and younger than its
 * phase, and GitHub must know the runner and not call it busy. While a runner of the scope has just claimed a job, or
 * ended and may have had one, it is a guess which job that was, and no instance is given up on a guess.
 */
function isSurplus(seen: Observed, instance: Instance): boolean {
  const { github } = seen;
  if (github === null || !githubAnswers(seen, instance.scope)) return false;
  if (seen.inFlight.has(instance.name)) return false;
  if (instance.phase === 'reserved' || instance.runnerId === null) return false;
  if (seen.state.claimed.some(({ scope }) => scope === instance.scope)) return false;
  const justEnded = ({ scope, endedAt }: Suspect): boolean =>
    scope === instance.scope && endedAt >= github.askedAt;
  if (seen.state.suspects.some(justEnded)) return false;
  return github.askedAt > instance.since && github.runners.get(instance.runnerName)?.busy !== true;
}
