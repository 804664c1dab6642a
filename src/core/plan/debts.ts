import { doubled, jittered } from '../backoff.ts';
import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Debt, Millis } from '../model.ts';
import { isOurRunner } from '../naming.ts';
import type { Runner } from '../observation.ts';
import type { Policy } from '../policy.ts';
import type { Observed } from './observed.ts';

/** How long a runner without an explanation is left alone, so that a later poll can explain it. */
const ORPHAN_GRACE: Millis = 10_000;

/** How many debts of one scope are tried at once, so that many that are refused or hang hold up nothing else. */
const TRIES_AT_ONCE = 4;

/** The first and the longest wait after a refusal: GitHub gives up on a runner that died with a job after some minutes. */
const REFUSED_FIRST: Millis = 60_000;
const REFUSED_LONGEST: Millis = 240_000;

/** For how long past its time a runner that is listed as busy is not asked about. GitHub's word on that may lag. */
const BUSY_AT_MOST: Millis = 600_000;

/**
 * How long a debt waits after GitHub refused it for the `count`-th time, with jitter of 1.0 to 1.25.
 * @param chance from [0, 1)
 */
export function refusalWait(count: number, chance: number): Millis {
  return jittered(doubled(REFUSED_FIRST, REFUSED_LONGEST, count), chance);
}

/**
 * Registrations without an instance: finds orphans, clears the debts that a later list of runners lacks (which costs no
 * request), and deregisters the others, a few at a time.
 */
export function debts(
  seen: Observed,
  policy: Policy,
  now: Millis,
): { changes: readonly Change[]; effects: readonly Effect[] } {
  const changes: Change[] = [...orphans(seen, policy, now)];
  const effects: Effect[] = [];
  const tries = new Map<string, number>();
  const count = ({ scope }: Debt): void => void tries.set(scope, (tries.get(scope) ?? 0) + 1);
  for (const debt of seen.state.debts) if (seen.inFlight.has(debt.runnerName)) count(debt);
  // Those that are due longest go first, so that each has its turn.
  for (const debt of seen.state.debts.toSorted((a, b) => a.nextTry - b.nextTry)) {
    const { runnerName } = debt;
    if (seen.inFlight.has(runnerName)) continue;
    const listed = seen.github.runners.get(runnerName);
    const asOf = seen.github.runnersAsOf(debt.scope);
    if (asOf !== null && asOf > debt.since && listed === undefined) {
      changes.push({ kind: 'debt-cleared', runnerName });
      continue;
    }
    if (now >= debt.nextTry && seen.github.limitedAt(now) === null) {
      if (!mayTry(seen, debt, listed, now) || (tries.get(debt.scope) ?? 0) >= TRIES_AT_ONCE) continue;
      count(debt);
      effects.push({ kind: 'deregister-orphan', runnerName });
    } else if (asOf !== null && asOf > debt.since && debt.reason === null && listed !== undefined) {
      changes.push({
        kind: 'refused',
        runnerName,
        runnerId: listed.id,
        reason: 'GitHub lists it still',
        nextTry: debt.nextTry,
        attempt: false,
      });
    }
  }
  return { changes, effects };
}

/**
 * Whether a debt that is due may be tried. The first try comes at once. Later ones wait for a list that is newer than the
 * last, which costs nothing, and for the runner to be listed as not busy; unless nobody reads the runners of its scope.
 */
function mayTry({ github }: Observed, debt: Debt, listed: Runner | undefined, now: Millis): boolean {
  if (debt.attempts === 0 || !github.scopes.has(debt.scope)) return true;
  // A refusal lies at least as long before the next try as the shortest wait.
  if ((github.runnersAsOf(debt.scope) ?? -Infinity) <= debt.nextTry - REFUSED_FIRST) return false;
  return listed?.busy !== true || now >= debt.nextTry + BUSY_AT_MOST;
}

/**
 * Runners of ours that GitHub lists and that neither an instance nor a debt explains. A container of ours could have
 * one of them, so nothing is said while the host cannot be read.
 */
function orphans(seen: Observed, policy: Policy, now: Millis): readonly Change[] {
  if (!seen.host.ok) return [];
  const { state, github } = seen;
  const known = new Set([
    ...state.instances.map((it) => it.runnerName),
    ...state.debts.map((it) => it.runnerName),
    // A list that was read before the instance went may still show its runner.
    ...state.finished
      .filter((it) => (it.stages.gone ?? 0) >= (github.runnersAsOf(it.scope) ?? -Infinity))
      .map((it) => it.runnerName),
  ]);
  const changes: Change[] = [];
  for (const runner of github.runners.values()) {
    if (known.has(runner.name) || seen.inFlight.has(runner.name)) continue;
    if (!isOurRunner(runner.name, policy.controllerId)) continue;
    changes.push({
      kind: 'orphan-found',
      debt: {
        runnerName: runner.name,
        runnerId: runner.id,
        scope: runner.scope,
        since: now,
        reason: 'listed without a container',
        attempts: 0,
        nextTry: now + ORPHAN_GRACE,
      },
    });
  }
  return changes;
}
