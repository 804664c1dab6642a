import { applyAll } from '../apply.ts';
import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import { debts } from './debts.ts';
import { demand } from './demand.ts';
import { endings, timeouts } from './endings.ts';
import { facts } from './facts.ts';
import { leftovers } from './leftovers.ts';
import type { Hold, Policy } from '../policy.ts';
import type { Instance, Millis, State } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Observed } from './observed.ts';
import { githubAnswers, pollSlack } from './observed.ts';

/** Everything decided in one tick. The changes are stored before the first effect begins. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  /** Every queued job of ours that nobody runs yet, oldest first, and why. */
  readonly holds: readonly Hold[];
  /** The state once the changes are applied. */
  readonly state: State;
}

/**
 * What to do about what was seen. Pure: the same observation, time and draws give the same plan. It looks only at
 * facts and promises, never at what it decided before, so start-up, recovery and steady state are one path.
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

  step(unproven(current, now, random));
  step(answered(current, policy, now));
  step(leftovers(current, now));
  step(facts(current, now, random));
  const late = timeouts(current, policy, now);
  step(late.changes, late.effects);
  const ends = endings(current, now);
  step(ends.changes, ends.effects);
  const owed = debts(current, policy, now);
  step(owed.changes, owed.effects);

  const wants = demand(current, policy, now, random);
  const retired = new Set(late.effects.flatMap((it) => ('name' in it ? [it.name] : [])));
  step(
    wants.unghost.map((jobId) => ({ kind: 'hold-released', jobId })),
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

/** Runners that ended without a word of any job, while the job they were made for is queued still: a failed start. */
function unproven(seen: Observed, now: Millis, random: Random): readonly Change[] {
  const { github } = seen;
  if (github === null) return [];
  return seen.state.claimed
    .filter(
      (it) =>
        it.unproven &&
        it.at <= github.askedAt &&
        // The same answer takes it off the list: a start fails once.
        githubAnswers(seen, it.scope) &&
        github.queued.some(({ job }) => job.id === it.forJob),
    )
    .map(({ className }) => ({
      kind: 'failed',
      className,
      at: now,
      chance: random(),
      detail: 'the runner exited without a job',
    }));
}

/** A time to come is one from before the clock was set back, and as good as none. */
function answered(seen: Observed, policy: Policy, now: Millis): readonly Change[] {
  const { github, state } = seen;
  if (github === null || github.trouble !== null || github.askedAt > now) return [];
  const { askedAt, scopes, unreadScopes: unread } = github;
  const before = state.answeredAt !== null && state.answeredAt <= now ? state.answeredAt : -1;
  if (scopes.every((scope) => unread.has(scope)) || askedAt <= before) return [];
  return [{ kind: 'answered', at: askedAt, now, unread, slack: pollSlack(policy) }];
}

/**
 * Whether an instance that no job needs may be asked to go: a complete look that is younger than its phase lacks the
 * job, GitHub knows the runner, and does not call it busy. Which job a runner took since then is a guess, and a guess
 * takes back no demand.
 */
function isSurplus(seen: Observed, instance: Instance): boolean {
  const { github } = seen;
  if (github === null || !githubAnswers(seen, instance.scope)) return false;
  if (seen.inFlight.has(instance.name)) return false;
  if (instance.phase === 'reserved' || instance.runnerId === null) return false;
  if (seen.state.claimed.some(({ scope }) => scope === instance.scope)) return false;
  return github.askedAt > instance.since && github.runners.get(instance.runnerName)?.busy !== true;
}
