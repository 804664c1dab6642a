import type { Millis } from '../model.ts';
import { STATUS_LISTS } from '../observation.ts';
import type { Age } from './age.ts';
import type { Known, KnownScope } from './known.ts';

/** When the oldest of a scope's lists of runs was asked for; null until each of them was answered once. */
export function runsAsOf({ lists }: KnownScope): Millis | null {
  const ages = STATUS_LISTS.map((list) => lists[list].age.askedAt);
  return ages.reduce((oldest, at) => (oldest === null || at === null ? null : Math.min(oldest, at)));
}

/** Why nothing at all was answered about a scope when it was last asked for; null as long as something was. */
export function silence({ lists, runners }: KnownScope): string | null {
  const ages = [...STATUS_LISTS.map((list) => lists[list].age), runners.age];
  return ages.every(({ failing }) => failing !== null) ? (ages[0]?.failing?.why ?? null) : null;
}

/** Whether the lists of runs and runners of every scope were answered when they were last asked for. */
export function isAnswering(known: Known, now: Millis): boolean {
  if (known.limitedAt(now) !== null) return false;
  return [...known.scopes.values()].every(({ lists, runners }) =>
    [...STATUS_LISTS.map((list) => lists[list].age), runners.age].every(
      ({ askedAt, failing }) => askedAt !== null && failing === null,
    ),
  );
}

/** When the newest poll began to ask; null before the first answer. */
export function lastPoll(known: Known): Millis | null {
  const tried = [...known.scopes.values()].flatMap(({ lists, runners }) =>
    [...STATUS_LISTS.map((list) => lists[list].age), runners.age].flatMap(({ triedAt }) => triedAt ?? []),
  );
  return tried.length === 0 ? null : Math.max(...tried);
}

/** Since when every list of runs and runners of every scope is known; null until each was answered once. */
export function lastGoodPoll(known: Known): Millis | null {
  let oldest: Millis | null = Infinity;
  for (const scope of known.scopes.values()) {
    const runs = runsAsOf(scope);
    const runners = scope.runners.age.askedAt;
    if (runs === null || runners === null) return null;
    oldest = Math.min(oldest, runs, runners);
  }
  return oldest === Infinity ? null : oldest;
}

/** Whether each of a scope's open runs was read since this controller began. */
export function isRead(scope: KnownScope): boolean {
  return runsAsOf(scope) !== null && [...scope.runs.values()].every(({ age }) => age.askedAt !== null);
}

/**
 * Whether a run's jobs could not be read though its scope's lists could: nothing waits for it. While GitHub is away all fail,
 * and what is read first when it is back must not be taken for all there is.
 */
export function isSetAside({ lists }: KnownScope, { failing, triedAt }: Age): boolean {
  if (failing === null || triedAt === null) return false;
  return STATUS_LISTS.every((list) => {
    const { steadySince, failing: away } = lists[list].age;
    return away === null && steadySince !== null && triedAt >= steadySince;
  });
}

/** Whether each of a scope's open runs was read since this controller began, or is set aside. */
export function isCaughtUp(scope: KnownScope): boolean {
  if (runsAsOf(scope) === null) return false;
  return [...scope.runs.values()].every(({ age }) => age.askedAt !== null || isSetAside(scope, age));
}

/** Whether every run of the scope that has changed or holds jobs of ours was read after that time, or is set aside. */
export function isReadSince(scope: KnownScope, since: Millis): boolean {
  return [...scope.runs.values()].every(({ age, ours, changedAt }) => {
    const askedAt = age.askedAt ?? -Infinity;
    return askedAt > since || (!ours && askedAt >= changedAt) || isSetAside(scope, age);
  });
}

/** Whether a run of the scope has changed and was not read since, and is not set aside. */
export function hasUnreadChange(scope: KnownScope): boolean {
  return [...scope.runs.values()].some(
    ({ age, changedAt }) => (age.askedAt ?? -Infinity) < changedAt && !isSetAside(scope, age),
  );
}
