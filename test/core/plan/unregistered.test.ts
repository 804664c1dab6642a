import { describe, expect, it } from 'vitest';

import type { Instance, Millis } from '../../../src/core/model.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import {
  container,
  draws,
  host,
  instance,
  job,
  MINUTE,
  NOW,
  policy,
  runner,
  said,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
} from '../../support/builders.ts';

interface Case {
  readonly title: string;
  readonly one?: Partial<Instance>;
  /** How long ago lists were asked, and whether they show its runner. */
  readonly lists: readonly (readonly [ago: Millis, shown: boolean])[];
  /** How long ago GitHub was asked by its id, and whether it is there; absent: never. */
  readonly byId?: readonly [ago: Millis, there: boolean];
  readonly is: 'counts' | 'is asked after' | 'is no supply';
  readonly effects?: readonly string[];
}

function judge({ one = {}, lists, byId }: Case): {
  readonly is: Case['is'];
  readonly effects: readonly string[];
} {
  const github = snapshot(
    ...lists.map(([ago, shown]) => ({
      askedAt: NOW - ago,
      jobs: [job(1)],
      runners: shown ? [runner('j1')] : [],
    })),
  );
  const part = { kind: 'runner', scope: SCOPE, runnerId: 77 } as const;
  github.questions.want([part]);
  if (byId !== undefined) {
    const [ago, there] = byId;
    github.answer(part, { kind: 'runner', askedAt: NOW - ago, runner: there ? runner('j1') : null }, NOW);
  }
  const decided = plan(
    seen({
      state: state({ instances: [instance('j1', { since: NOW - 3 * MINUTE, ...one })] }),
      host: host({ containers: [container('j1')] }),
      github,
    }),
    policy(),
    NOW,
    draws(),
  );
  const { changes, effects } = said(decided);
  const isMade = changes.includes('reserve j1a');
  const asked = decided.questions.length > 0;
  return {
    is: isMade ? 'is no supply' : asked ? 'is asked after' : 'counts',
    effects: effects.filter((it) => it !== 'start j1a'),
  };
}

const VANISHED = [
  [60 * SECOND, true],
  [40 * SECOND, false],
  [SECOND, false],
] as const;

describe('a registration that vanished', () => {
  it.each<Case>([
    { title: 'one that is listed', lists: [[SECOND, true]], is: 'counts' },
    {
      title: 'one that a list lacks once',
      lists: [
        [11 * SECOND, true],
        [SECOND, false],
      ],
      is: 'counts',
    },
    {
      title: 'one that lists lack that are less than half a minute apart',
      lists: [
        [60 * SECOND, true],
        [30 * SECOND, false],
        [SECOND, false],
      ],
      is: 'counts',
    },
    { title: 'one that lists lack half a minute apart', lists: VANISHED, is: 'is asked after' },
    { title: 'and GitHub has', lists: VANISHED, byId: [SECOND, true], is: 'is asked after' },
    {
      title: 'and GitHub had none of before it vanished',
      lists: VANISHED,
      byId: [41 * SECOND, false],
      is: 'is asked after',
    },
    {
      title: 'and GitHub has none of, and it idles',
      lists: VANISHED,
      byId: [SECOND, false],
      is: 'is no supply',
      effects: ['retire j1 unregistered'],
    },
    {
      title: 'the same while it starts',
      one: { phase: 'starting' },
      lists: VANISHED,
      byId: [SECOND, false],
      is: 'is no supply',
    },
    {
      title: 'one that came back',
      lists: [...VANISHED.slice(0, 2), [SECOND, true]],
      byId: [SECOND, false],
      is: 'counts',
    },
    {
      title: 'one that was never listed and is young',
      one: { phase: 'starting', since: NOW - 2 * MINUTE },
      lists: [
        [100 * SECOND, false],
        [SECOND, false],
      ],
      byId: [SECOND, false],
      is: 'counts',
    },
    {
      title: 'one that was never listed and is older than two minutes',
      one: { phase: 'starting', since: NOW - 2 * MINUTE - 1 },
      lists: [
        [100 * SECOND, false],
        [SECOND, false],
      ],
      byId: [SECOND, false],
      is: 'is no supply',
    },
    {
      title: 'one that lists lack since this controller began, less than half a minute ago',
      one: { phase: 'starting' },
      lists: [
        [20 * SECOND, false],
        [SECOND, false],
      ],
      byId: [SECOND, false],
      is: 'counts',
    },
    {
      title: 'one of a scope whose list of runners is an old one',
      lists: [
        [150 * SECOND, true],
        [110 * SECOND, false],
        [61 * SECOND, false],
      ],
      byId: [SECOND, false],
      is: 'counts',
    },
    { title: 'one whose id nobody knows', one: { runnerId: null }, lists: VANISHED, is: 'counts' },
  ])('$title: $is', (given) => {
    expect(judge(given)).toEqual({ is: given.is, effects: given.effects ?? [] });
  });
});
