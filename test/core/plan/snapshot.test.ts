import { describe, expect, it } from 'vitest';

import type { GithubObservation, Unread } from '../../../src/core/observation.ts';
import { withoutRunner } from '../../../src/core/plan/snapshot.ts';
import { job, NOW, runner, runnerOf, SCOPE, SECOND, snapshot } from '../../support/builders.ts';

const OTHER = 'o/s';

function unread(over: Partial<Unread> = {}): Unread {
  return { scope: SCOPE, what: 'jobs', runId: null, why: '502', ...over };
}

interface Case {
  readonly title: string;
  readonly polls: readonly Partial<GithubObservation>[];
  readonly queued: readonly string[];
  readonly flickered?: readonly number[];
}

const BEFORE = NOW - 11 * SECOND;
const before = { askedAt: BEFORE };

describe('mergeObservation', () => {
  it.each<Case>([
    {
      title: 'queued jobs are demand, oldest first',
      polls: [{ jobs: [job(2), job(1)] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'of the same second, the smaller id is the older',
      polls: [{ jobs: [job(2, { queuedAt: 5 }), job(1, { queuedAt: 5 })] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'jobs that are held, running or done are none',
      polls: [
        {
          jobs: [
            job(1, { status: 'held' }),
            job(2, { status: 'in_progress', runnerName: 'x' }),
            job(3, { status: 'completed' }),
          ],
        },
      ],
      queued: [],
    },
    {
      title: 'a job that two pages list is one job',
      polls: [{ jobs: [job(1), job(1), job(2)] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'a job that ran when it was read again is not queued',
      polls: [{ jobs: [job(1), job(1, { status: 'in_progress', runnerName: 'x' })] }],
      queued: [],
    },
    {
      title: 'a complete poll takes back what it lacks',
      polls: [{ ...before, jobs: [job(1), job(2)] }, { jobs: [job(2)] }],
      queued: ['2 new'],
      flickered: [1],
    },
    {
      title: 'a job that flickered is gone one poll later',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [] }],
      queued: [],
    },
    {
      title: 'a flicker ends with the job listed again',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [job(1)] }],
      queued: ['1 new'],
    },
    {
      title: 'a job that began to run does not fade',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [job(1, { status: 'in_progress' })] }],
      queued: [],
    },
    {
      title: 'an unread scope keeps its older answer',
      polls: [{ ...before, jobs: [job(1)] }, { unread: [unread()] }],
      queued: ['1 old'],
    },
    {
      title: 'another scope that was read keeps nothing',
      polls: [
        { ...before, scopes: [SCOPE, OTHER], jobs: [job(1), job(2, { scope: OTHER })] },
        { scopes: [SCOPE, OTHER], unread: [unread()] },
      ],
      queued: ['1 old'],
      flickered: [2],
    },
    {
      title: 'an unread run keeps its older answer, other runs do not',
      polls: [
        { ...before, jobs: [job(1, { runId: 1 }), job(2, { runId: 2 })] },
        { unread: [unread({ runId: 1 })] },
      ],
      queued: ['1 old'],
      flickered: [2],
    },
    {
      title: 'what is listed anew beats what is kept',
      polls: [
        { ...before, jobs: [job(1)] },
        { jobs: [job(1, { status: 'completed' })], unread: [unread()] },
      ],
      queued: [],
    },
    {
      title: 'unread runners keep no jobs',
      polls: [{ ...before, jobs: [job(1)] }, { unread: [unread({ what: 'runners' })] }],
      queued: [],
      flickered: [1],
    },
    {
      title: 'an answer is kept over several unanswered polls, with its own age',
      polls: [{ ...before, jobs: [job(1)] }, { unread: [unread()] }, { jobs: [job(2)], unread: [unread()] }],
      queued: ['1 old', '2 new'],
    },
  ])('$title', ({ polls, queued, flickered = [] }) => {
    const is = snapshot(...polls);
    expect(is.queued.map((it) => `${it.job.id} ${it.asOf === BEFORE ? 'old' : 'new'}`)).toEqual(queued);
    expect(is.flickered.map((it) => it.id)).toEqual(flickered);
  });

  it('remembers when it was last told everything', () => {
    const is = snapshot(before, { unread: [unread({ runId: 7 })] });
    expect({ complete: is.complete, completeAt: is.completeAt, askedAt: is.askedAt }).toEqual({
      complete: false,
      completeAt: BEFORE,
      askedAt: NOW - SECOND,
    });
    expect(snapshot({ unread: [unread()] }).completeAt).toBeNull();
    expect(snapshot({}).completeAt).toBe(NOW - SECOND);
  });

  it('calls a scope unanswered only when it is not known which runs there are', () => {
    expect([...snapshot({ unread: [unread()] }).unansweredScopes]).toEqual([[SCOPE, '502']]);
    expect(snapshot({ unread: [unread({ runId: 7 })] }).unansweredScopes.size).toBe(0);
    expect(snapshot({ unread: [unread({ what: 'runners' })] }).unansweredScopes.size).toBe(0);
  });

  it('knows running and finished jobs by their runner, not queued ones', () => {
    const is = snapshot({
      jobs: [
        job(1, { status: 'in_progress', runnerName: 'a' }),
        job(2, { status: 'completed', runnerName: 'b' }),
        job(3, { status: 'queued', runnerName: 'c' }),
        job(4, { status: 'in_progress' }),
      ],
    });
    expect([...is.byRunner].map(([name, { id }]) => `${name} ${id}`)).toEqual(['a 1', 'b 2']);
  });

  it('keeps whose job it was while that run is unread, and no longer', () => {
    const first = { ...before, jobs: [job(1, { status: 'in_progress', runnerName: 'a' })] };
    expect(snapshot(first, { unread: [unread({ runId: 1 })] }).byRunner.has('a')).toBe(true);
    expect(snapshot(first, { unread: [unread({ runId: 2 })] }).byRunner.has('a')).toBe(false);
    expect(snapshot(first, {}).byRunner.has('a')).toBe(false);
  });

  it('keeps the runners of a scope that was not read, as old as they are', () => {
    const first = {
      ...before,
      scopes: [SCOPE, OTHER],
      runners: [runner('j1'), runner('j2', { scope: OTHER })],
    };
    const is = snapshot(first, { scopes: [SCOPE, OTHER], unread: [unread({ what: 'runners' })] });
    expect([...is.runners.keys()]).toEqual([runnerOf('j1')]);
    expect([...is.runnersAsOf]).toEqual([
      [SCOPE, BEFORE],
      [OTHER, NOW - SECOND],
    ]);
  });

  it('takes the newer word about a runner', () => {
    const first = { ...before, runners: [runner('j1', { online: false })] };
    const second = { runners: [runner('j1')], unread: [unread({ what: 'runners' })] };
    expect(snapshot(first, second).runners.get(runnerOf('j1'))?.online).toBe(true);
  });

  it('has no age for runners that were never read', () => {
    expect(snapshot({ unread: [unread({ what: 'runners' })] }).runnersAsOf.size).toBe(0);
  });

  it('passes on why GitHub serves nobody, for this poll only', () => {
    const trouble = { kind: 'github-unreachable', why: 'no route' } as const;
    expect(snapshot({ trouble }).trouble).toEqual(trouble);
    expect(snapshot({ trouble }, {}).trouble).toBeNull();
  });
});

describe('withoutRunner', () => {
  const listed = snapshot({ runners: [runner('j1'), runner('j2')] });

  it('lacks the one that GitHub let go, and no other', () => {
    expect([...withoutRunner(listed, runnerOf('j1')).runners.keys()]).toEqual([runnerOf('j2')]);
  });

  it('leaves the list that it was made from as it was', () => {
    withoutRunner(listed, runnerOf('j1'));
    expect(listed.runners.size).toBe(2);
  });
});
