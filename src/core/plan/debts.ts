import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Millis } from '../model.ts';
import { isOurRunner } from '../naming.ts';
import type { Policy } from '../policy.ts';
import type { Observed } from './observed.ts';

/** How long a runner without an explanation is left alone, so that a later poll can explain it. */
const ORPHAN_GRACE: Millis = 10_000;

/**
 * Registrations without an instance: finds orphans, clears the debts that a later list of runners lacks (which costs no
 * request), and deregisters the others.
 */
export function debts(
  seen: Observed,
  policy: Policy,
  now: Millis,
): { changes: readonly Change[]; effects: readonly Effect[] } {
  const changes: Change[] = [...orphans(seen, policy, now)];
  const effects: Effect[] = [];
  for (const debt of seen.state.debts) {
    const { runnerName } = debt;
    if (seen.inFlight.has(runnerName)) continue;
    const listed = seen.github.runners.get(runnerName);
    const asOf = seen.github.runnersAsOf(debt.scope);
    if (asOf !== null && asOf > debt.since && listed === undefined) {
      changes.push({ kind: 'debt-cleared', runnerName });
      continue;
    }
    if (now >= debt.nextTry && seen.github.limitedAt(now) === null) {
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
