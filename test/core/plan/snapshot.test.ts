import { describe, expect, it } from 'vitest';

import type { GithubObservation, Unread } from '../../../src/core/observation.ts';
import { job, NOW, runner, runnerOf, SCOPE, SECOND, snapshot } from '../../support/builders.ts';

const OTHER = 'o/s';

function unread(over: Partial<Unread> = {}): Unread {
  return { scope: SCOPE, what: 'jobs', runId: null, why: '502', ...over };
}

interface Case {
  readonly title: string;
  readonly looks: readonly Partial<GithubObservation>[];
  readonly queued: readonly string[];
  readonly fading?: readonly number[];
}

const BEFORE = NOW - 11 * SECOND;
const before = { askedAt: BEFORE };

describe('mergeLook', () => {
  it.each<Case>([
    {
      title: 'queued jobs are demand, oldest first',
      looks: [{ jobs: [job(2), job(1)] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'of the same second, the smaller id is the older',
      looks: [{ jobs: [job(2, { queuedAt: 5 }), job(1, { queuedAt: 5 })] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'jobs that are held, running or done are none',
      looks: [
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
      looks: [{ jobs: [job(1), job(1), job(2)] }],
      queued: ['1 new', '2 new'],
    },
    {
      title: 'a job that ran when it was read again is not queued',
      looks: [{ jobs: [job(1), job(1, { status: 'in_progress', runnerName: 'x' })] }],
      queued: [],
    },
    {
      title: 'a complete look takes back what it lacks',
      looks: [{ ...before, jobs: [job(1), job(2)] }, { jobs: [job(2)] }],
      queued: ['2 new'],
      fading: [1],
    },
    {
      title: 'what has faded is gone one look later',
      looks: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [] }],
      queued: [],
    },
    {
      title: 'a flicker ends with the job listed again',
      looks: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [job(1)] }],
      queued: ['1 new'],
    },
    {
      title: 'a job that began to run does not fade',
      looks: [{ ...before, jobs: [job(1)] }, { jobs: [job(1, { status: 'in_progress' })] }],
      queued: [],
    },
    {
      title: 'an unread scope keeps its older answer',
      looks: [{ ...before, jobs: [job(1)] }, { unread: [unread()] }],
      queued: ['1 old'],
    },
    {
      title: 'another scope that was read keeps nothing',
      looks: [
        { ...before, scopes: [SCOPE, OTHER], jobs: [job(1), job(2, { scope: OTHER })] },
        { scopes: [SCOPE, OTHER], unread: [unread()] },
      ],
      queued: ['1 old'],
      fading: [2],
    },
    {
      title: 'an unread run keeps its older answer, other runs do not',
      looks: [
        { ...before, jobs: [job(1, { runId: 1 }), job(2, { runId: 2 })] },
        { unread: [unread({ runId: 1 })] },
      ],
      queued: ['1 old'],
      fading: [2],
    },
    {
      title: 'what is listed anew beats what is kept',
      looks: [
        { ...before, jobs: [job(1)] },
        { jobs: [job(1, { status: 'completed' })], unread: [unread()] },
      ],
      queued: [],
    },
    {
      title: 'unread runners keep no jobs',
      looks: [{ ...before, jobs: [job(1)] }, { unread: [unread({ what: 'runners' })] }],
      queued: [],
      fading: [1],
    },
    {
      title: 'an answer is kept over several blind looks, with its own age',
      looks: [{ ...before, jobs: [job(1)] }, { unread: [unread()] }, { jobs: [job(2)], unread: [unread()] }],
      queued: ['1 old', '2 new'],
    },
  ])('$title', ({ looks, queued, fading = [] }) => {
    const is = snapshot(...looks);
    expect(is.queued.map((it) => `${it.job.id} ${it.asOf === BEFORE ? 'old' : 'new'}`)).toEqual(queued);
    expect(is.flickered.map((it) => it.id)).toEqual(fading);
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

  it('calls a scope blind only when it is not known which runs there are', () => {
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

  it('passes on why GitHub serves nobody, for this look only', () => {
    const trouble = { kind: 'github-unreachable', why: 'no route' } as const;
    expect(snapshot({ trouble }).trouble).toEqual(trouble);
    expect(snapshot({ trouble }, {}).trouble).toBeNull();
  });
});
