import { doubled } from '../backoff.ts';
import type { Millis } from '../model.ts';
import type { Unread } from '../observation.ts';

/** How long a part that fails is left alone: at first, and at most. Each failure doubles it. */
const FIRST: Millis = 5_000;
const LONGEST: Millis = 40_000;

/** A part that GitHub has not answered since. */
interface Failing {
  readonly since: Millis;
  readonly why: string;
  readonly tries: number;
  /** How many of the tries, counted from the last, GitHub answered with "no such thing". */
  readonly gone: number;
  readonly nextTry: Millis;
}

/** When one part of what GitHub says was asked for, and what has gone wrong since. */
export interface Age {
  /** When the newest answer was asked for; null before the first. */
  readonly askedAt: Millis | null;
  /** The same of the answer before it. */
  readonly before: Millis | null;
  /** The same of the first answer since which none was missing. */
  readonly steadySince: Millis | null;
  /** When the newest try began, whatever came of it. */
  readonly triedAt: Millis | null;
  readonly failing: Failing | null;
}

export const NEVER: Age = {
  askedAt: null,
  before: null,
  steadySince: null,
  triedAt: null,
  failing: null,
};

/** The age after an answer. */
export function answered(age: Age, askedAt: Millis): Age {
  const steadySince = age.failing === null ? (age.steadySince ?? askedAt) : askedAt;
  return { askedAt, before: age.askedAt, steadySince, triedAt: askedAt, failing: null };
}

/** The age after a try that failed at `now`: the answer before it stands. */
export function failed(age: Age, { askedAt, why, gone }: Unread, now: Millis): Age {
  const { failing } = age;
  const tries = (failing?.tries ?? 0) + 1;
  return {
    ...age,
    triedAt: askedAt,
    failing: {
      since: failing?.since ?? askedAt,
      why,
      tries,
      gone: gone ? (failing?.gone ?? 0) + 1 : 0,
      nextTry: now + doubled(FIRST, LONGEST, tries),
    },
  };
}
