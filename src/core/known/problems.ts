import type { Millis } from '../model.ts';
import { STATUS_LISTS } from '../observation.ts';
import type { Age } from './age.ts';
import type { Known } from './known.ts';

/** The most problems that are told; lists come before single runs. */
const TOLD = 100;

/** Something that GitHub does not answer, or not in full. */
export interface Problem {
  readonly scope: string;
  readonly what: string;
  readonly why: string;
  readonly since: Millis;
}

/** Everything that is not known as it should be. */
export function problems(known: Known, now: Millis): readonly Problem[] {
  const lists: Problem[] = [];
  const runs: Problem[] = [];
  const limited = known.limitedAt(now);
  for (const [scope, { lists: byName, runners, runs: byId }] of known.scopes) {
    if (limited !== null) lists.push({ scope, what: 'everything', why: limited.why, since: limited.since });
    const note = (what: string, { failing }: Age, into: Problem[]): void => {
      if (failing !== null) into.push({ scope, what, why: failing.why, since: failing.since });
    };
    for (const list of STATUS_LISTS) {
      const { age, cut } = byName[list];
      const what = `${list} runs`;
      note(what, age, lists);
      if (cut !== null) lists.push({ scope, what, why: cut.why, since: cut.since });
    }
    note('runners', runners.age, lists);
    const failing = [...byId].filter(([, { age }]) => age.failing !== null);
    for (const [id, { age }] of failing.sort(([a], [b]) => a - b)) note(`jobs of run ${id}`, age, runs);
  }
  return [...lists, ...runs].slice(0, TOLD);
}
