import type { Millis } from '../model.ts';
import type { Answer, Runner } from '../observation.ts';
import type { Age } from './age.ts';
import { answered, NEVER } from './age.ts';

/** How many runners that lists lack are remembered; their names are never used twice. */
const MISSING_KEPT = 2_000;

/** A scope's list of runners, and what has changed in it. */
export interface KnownRunners {
  readonly age: Age;
  /** When the first answer was asked for; null before it. */
  readonly firstAskedAt: Millis | null;
  readonly byName: ReadonlyMap<string, Runner>;
  /** Runners that a list showed and that the lists since this one lack. */
  readonly missing: ReadonlyMap<string, Millis>;
  /** Runners that every list since this one calls not busy. */
  readonly unbusy: ReadonlyMap<string, Millis>;
}

/** Before the first list. */
export const NO_RUNNERS: KnownRunners = {
  age: NEVER,
  firstAskedAt: null,
  byName: new Map(),
  missing: new Map(),
  unbusy: new Map(),
};

/** What is known after another list. */
export function runnersAfter(
  { age, firstAskedAt, byName: before, missing, unbusy }: KnownRunners,
  { runners, askedAt }: Extract<Answer, { kind: 'runners' }>,
): KnownRunners {
  const byName = new Map(runners.map((runner) => [runner.name, runner]));
  const lost = [...missing.keys(), ...before.keys()].filter((name) => !byName.has(name));
  return {
    age: answered(age, askedAt),
    firstAskedAt: firstAskedAt ?? askedAt,
    byName,
    missing: new Map(lost.slice(-MISSING_KEPT).map((name) => [name, missing.get(name) ?? askedAt])),
    unbusy: new Map(
      runners.filter(({ busy }) => !busy).map(({ name }) => [name, unbusy.get(name) ?? askedAt]),
    ),
  };
}

/** The same without a runner that GitHub has deleted since: a list from before that may still show it. */
export function withoutRunner(known: KnownRunners, name: string): KnownRunners {
  const byName = new Map(known.byName);
  byName.delete(name);
  return { ...known, byName };
}

/** Whether both show the same runners in the same state. */
export function sameRunners({ byName: before }: KnownRunners, { byName }: KnownRunners): boolean {
  if (byName.size !== before.size) return false;
  return [...byName.values()].every((runner) => {
    const was = before.get(runner.name);
    return was?.id === runner.id && was.online === runner.online && was.busy === runner.busy;
  });
}
