import { describe, expect, it } from 'vitest';

import type { ClaimedRunner } from '../../../src/core/model.ts';
import type { Job } from '../../../src/core/observation.ts';
import { claims } from '../../../src/core/plan/claims.ts';
import {
  job,
  MINUTE,
  NOW,
  policy,
  runnerOf,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
} from '../../support/builders.ts';
import type { Poll } from '../../support/polls.ts';

const OWN = runnerOf('j1');
const CLAIM: ClaimedRunner = {
  className: 'default',
  scope: SCOPE,
  runnerName: OWN,
  at: NOW - 5 * MINUTE,
  endedAt: null,
  forJob: 1,
  runId: null,
};

interface Case {
  readonly title: string;
  readonly claim?: Partial<ClaimedRunner>;
  /** How long before NOW everything was asked for, and what was queued then. */
  readonly polls: readonly (readonly [ago: number, jobs: readonly Job[], more?: Partial<Poll>])[];
  readonly over: boolean;
}

const one = [job(1)];
const ofOther = [job(1), job(2, { runId: 2, labels: ['gpu'] })];

describe('a claim is over', () => {
  it.each<Case>([
    { title: 'not before anything was read', polls: [], over: false },
    {
      title: 'when a job names the runner',
      claim: { at: NOW },
      polls: [[SECOND, [job(1, { status: 'in_progress', runnerName: OWN })]]],
      over: true,
    },
    {
      title: 'when its run was read twice a minute later',
      polls: [
        [3 * MINUTE, one],
        [2 * MINUTE, one],
      ],
      over: true,
    },
    { title: 'not when it was read once', polls: [[2 * MINUTE, one]], over: false },
    {
      title: 'not when the first of the two came within the minute',
      polls: [
        [4 * MINUTE, one],
        [2 * MINUTE, one],
      ],
      over: false,
    },
    {
      title: 'not while a run with a job of its class was read once',
      polls: [
        [3 * MINUTE, one],
        [2 * MINUTE, [job(1), job(2, { runId: 2 })]],
      ],
      over: false,
    },
    {
      title: 'whatever became of runs of other classes',
      polls: [
        [3 * MINUTE, one],
        [2 * MINUTE, ofOther],
      ],
      over: true,
    },
    {
      title: 'by the run alone that its hook named',
      claim: { runId: 1 },
      polls: [
        [3 * MINUTE, one],
        [2 * MINUTE, [job(1), job(2, { runId: 2 })]],
      ],
      over: true,
    },
    {
      title: 'whatever run cannot be read',
      polls: [
        [3 * MINUTE, [job(1), job(2, { runId: 2 })]],
        [2 * MINUTE, one, { unread: [{ scope: SCOPE, what: 'jobs', runId: 2, why: '502' }] }],
      ],
      over: true,
    },
    {
      title: 'when its container has ended and a read came after that',
      claim: { at: NOW - 20 * SECOND, endedAt: NOW - 10 * SECOND },
      polls: [[SECOND, one]],
      over: true,
    },
    {
      title: 'not by a read from before that end',
      claim: { at: NOW - 20 * SECOND, endedAt: NOW - SECOND },
      polls: [[SECOND, one]],
      over: false,
    },
    { title: 'when its scope is watched no more', claim: { scope: 'o/gone' }, polls: [], over: true },
  ])('$title', ({ claim = {}, polls, over }) => {
    const github = snapshot(
      ...polls.map(([ago, jobs, more]) => ({ askedAt: NOW - ago, jobs, ...more })),
      ...(polls.length === 0 ? [{ unread: UNREAD }] : []),
    );
    const is = claims(seen({ github, state: state({ claimed: [{ ...CLAIM, ...claim }] }) }), policy());
    expect(is).toEqual(over ? [{ kind: 'claim-over', runnerName: OWN }] : []);
  });
});

const UNREAD = [
  { scope: SCOPE, what: 'jobs', runId: null, why: '' },
  { scope: SCOPE, what: 'runners', runId: null, why: '' },
] as const;
