import { describe, expect, it } from 'vitest';

import type { Known } from '../../../src/core/known/known.ts';
import type { Instance, Millis } from '../../../src/core/model.ts';
import type { Job, Runner } from '../../../src/core/observation.ts';
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
  runnerOf,
  said,
  SCOPE,
  SECOND,
  seen,
  signal,
  snapshot,
  state,
} from '../../support/builders.ts';

const RUNNING = { id: 1, runId: 1, runAttempt: 1, repository: SCOPE };
const DONE = job(1, { status: 'completed', runnerName: runnerOf('j1') });
const ASKED = ['job 1', 'runner 77'];

interface Case {
  readonly title: string;
  readonly one?: Partial<Instance>;
  /** Whether its `completed` hook was written. */
  readonly hooked?: boolean;
  /** What the lists show. */
  readonly jobs?: readonly Job[];
  readonly runners?: readonly Runner[];
  /** What GitHub says when it is asked by id; undefined: it was not, or did not answer. */
  readonly job?: Job | null;
  readonly runner?: Runner | null;
  readonly askedAt?: Millis;
  readonly does: readonly string[];
  readonly asks: readonly string[];
}

function judge(given: Case): { readonly does: readonly string[]; readonly asks: readonly string[] } {
  const { one = {}, hooked = false, jobs = [], runners = [], askedAt = NOW - SECOND } = given;
  const github: Known = snapshot({ jobs, runners });
  github.questions.want([
    { kind: 'job', scope: SCOPE, repository: SCOPE, jobId: 1 },
    { kind: 'runner', scope: SCOPE, runnerId: 77 },
  ]);
  if (given.job !== undefined) {
    const part = { kind: 'job', scope: SCOPE, repository: SCOPE, jobId: 1 } as const;
    github.answer(part, { kind: 'job', askedAt, job: given.job }, NOW);
  }
  if (given.runner !== undefined) {
    const part = { kind: 'runner', scope: SCOPE, runnerId: 77 } as const;
    github.answer(part, { kind: 'runner', askedAt, runner: given.runner }, NOW);
  }
  const decided = plan(
    seen({
      state: state({ instances: [instance('j1', { phase: 'busy', job: RUNNING, ...one })] }),
      host: host({ containers: [container('j1', { completed: hooked ? signal() : null })] }),
      github,
    }),
    policy(),
    NOW,
    draws(),
  );
  const { changes, effects } = said(decided);
  return {
    does: [...changes, ...effects],
    asks: decided.questions.map((it) => `${it.kind} ${it.kind === 'job' ? it.jobId : it.runnerId}`),
  };
}

const gone = { job: DONE, runner: null };

describe('over means over', () => {
  it.each<Case>([
    {
      title: 'one that GitHub lists as running is not asked after',
      jobs: [job(1, { status: 'in_progress', runnerName: runnerOf('j1') })],
      runners: [runner('j1')],
      does: [],
      asks: [],
    },
    {
      title: 'one whose runner no list has is',
      jobs: [job(1, { status: 'in_progress', runnerName: runnerOf('j1') })],
      does: [],
      asks: ASKED,
    },
    {
      title: 'so is one whose job is listed as completed',
      jobs: [DONE, job(2, { status: 'in_progress' })],
      runners: [runner('j1')],
      does: [],
      asks: ASKED,
    },
    { title: 'and one whose hook says so', hooked: true, runners: [runner('j1')], does: [], asks: ASKED },
    {
      title: 'a job that is known from a hook alone is never',
      one: { job: { ...RUNNING, id: null } },
      hooked: true,
      does: [],
      asks: [],
    },
    {
      title: 'nor is one of a scope that is watched no more: no list of it could bear that out',
      one: { scope: 'o/gone' },
      hooked: true,
      does: [],
      asks: [],
    },
    {
      title: 'nor is a runner whose id nobody knows',
      one: { runnerId: null },
      hooked: true,
      does: [],
      asks: [],
    },
    {
      title: 'a job that is completed and a runner that is none are over, and that is written down',
      ...gone,
      does: ['over j1'],
      asks: ASKED,
    },
    {
      title: 'a minute later it gets a clean stop, if its hook was written',
      one: { overSince: NOW - MINUTE },
      hooked: true,
      ...gone,
      does: ['stop j1 job-finished', 'destroy j1 cleanly'],
      asks: ASKED,
    },
    {
      title: 'not a millisecond earlier',
      one: { overSince: NOW - MINUTE + 1 },
      hooked: true,
      ...gone,
      does: [],
      asks: ASKED,
    },
    {
      title: 'without its hook, ten minutes later',
      one: { overSince: NOW - 10 * MINUTE },
      ...gone,
      does: ['stop j1 job-finished', 'destroy j1 cleanly'],
      asks: ASKED,
    },
    { title: 'and no earlier', one: { overSince: NOW - 10 * MINUTE + 1 }, ...gone, does: [], asks: ASKED },
    {
      title: 'a job that goes on is not over, whatever was said before',
      one: { overSince: NOW - 10 * MINUTE },
      job: job(1, { status: 'in_progress', runnerName: runnerOf('j1') }),
      runner: null,
      does: ['over j1'],
      asks: ASKED,
    },
    {
      title: 'a runner that is there is not',
      one: { overSince: NOW - 10 * MINUTE },
      job: DONE,
      runner: runner('j1'),
      does: ['over j1'],
      asks: ASKED,
    },
    {
      title: 'a job that another runner had says nothing of this one',
      job: job(1, { status: 'completed', runnerName: 'other' }),
      runner: null,
      does: [],
      asks: ASKED,
    },
    { title: 'a job that is not there says nothing', job: null, runner: null, does: [], asks: ASKED },
    {
      title: 'half an answer is none',
      one: { overSince: NOW - 10 * MINUTE },
      job: DONE,
      does: [],
      asks: ASKED,
    },
    {
      title: 'nor is an old one',
      one: { overSince: NOW - 10 * MINUTE },
      ...gone,
      askedAt: NOW - MINUTE - 1,
      does: [],
      asks: ASKED,
    },
  ])('$title', (given) => {
    expect(judge(given)).toEqual({ does: given.does, asks: given.asks });
  });
});
