import { describe, expect, it } from 'vitest';

import type { Known } from '../../../src/core/known/known.ts';
import { isListed } from '../../../src/core/known/known.ts';
import { RUN_LISTS, STATUS_LISTS } from '../../../src/core/observation.ts';
import {
  HOUR,
  job,
  MINUTE,
  NOW,
  poll,
  runner,
  runnerOf,
  SCOPE,
  SECOND,
  snapshot,
} from '../../support/builders.ts';
import type { Poll, UnreadPart } from '../../support/polls.ts';
import { takeIn } from '../../support/polls.ts';
import { Heard, jobsOf, run, runList, runnerList } from './heard.ts';

const OTHER = 'o/s';

function unread(over: Partial<UnreadPart> = {}): UnreadPart {
  return { scope: SCOPE, what: 'jobs', runId: null, why: '502', ...over };
}

interface Case {
  readonly title: string;
  readonly polls: readonly Partial<Poll>[];
  readonly queued: readonly number[];
  readonly flickered?: readonly number[];
}

const BEFORE = NOW - 11 * SECOND;
const before = { askedAt: BEFORE };

describe('demand', () => {
  it.each<Case>([
    {
      title: 'is the queued jobs, oldest first',
      polls: [{ jobs: [job(2), job(1)] }],
      queued: [1, 2],
    },
    {
      title: 'of the same second has the smaller id first',
      polls: [{ jobs: [job(2, { queuedAt: 5 }), job(1, { queuedAt: 5 })] }],
      queued: [1, 2],
    },
    {
      title: 'of several runs and scopes is one list',
      polls: [
        {
          scopes: [OTHER, SCOPE],
          jobs: [job(3), job(1, { runId: 9 }), job(2, { scope: OTHER, runId: 4 })],
        },
      ],
      queued: [1, 2, 3],
    },
    {
      title: 'is not jobs that are held, running or done',
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
      title: 'ends with an answer that lacks it',
      polls: [{ ...before, jobs: [job(1), job(2)] }, { jobs: [job(2)] }],
      queued: [2],
      flickered: [1],
    },
    {
      title: 'that flickered is gone one answer later',
      polls: [{ ...before, jobs: [job(1), job(2)] }, { jobs: [job(2)] }, { jobs: [job(2)] }],
      queued: [2],
    },
    {
      title: 'that flickered with all of its run is gone one answer later',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [] }],
      queued: [],
    },
    {
      title: 'that flickered is back once it is listed again',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [] }, { jobs: [job(1)] }],
      queued: [1],
    },
    {
      title: 'that began to run has not flickered',
      polls: [{ ...before, jobs: [job(1)] }, { jobs: [job(1, { status: 'in_progress' })] }],
      queued: [],
    },
    {
      title: 'that was held has not flickered, as it was none',
      polls: [{ ...before, jobs: [job(1, { status: 'held' }), job(2)] }, { jobs: [job(2)] }],
      queued: [2],
    },
    {
      title: 'of a scope that is not read stays, as old as it is',
      polls: [{ ...before, jobs: [job(1)] }, { unread: [unread()] }],
      queued: [1],
    },
    {
      title: 'of another scope does not',
      polls: [
        { ...before, scopes: [SCOPE, OTHER], jobs: [job(1), job(2, { scope: OTHER })] },
        { scopes: [SCOPE, OTHER], unread: [unread()] },
      ],
      queued: [1],
      flickered: [2],
    },
    {
      title: 'of a run that is not read stays, that of other runs does not',
      polls: [
        { ...before, jobs: [job(1, { runId: 1 }), job(2, { runId: 2 })] },
        { unread: [unread({ runId: 1 })] },
      ],
      queued: [1],
      flickered: [2],
    },
    {
      title: 'does not stay because runners are not read',
      polls: [{ ...before, jobs: [job(1)] }, { unread: [unread({ what: 'runners' })] }],
      queued: [],
      flickered: [1],
    },
    {
      title: 'stays while it is not read, however often that is',
      polls: [
        { ...before, jobs: [job(1)] },
        { unread: [unread()] },
        { jobs: [job(2, { runId: 2 })], unread: [unread({ runId: 1 })] },
      ],
      queued: [1, 2],
    },
  ])('$title', ({ polls, queued, flickered = [] }) => {
    const is = snapshot(...polls);
    expect(is.queued.map(({ id }) => id)).toEqual(queued);
    expect(is.flickered.map((it) => it.id)).toEqual(flickered);
  });

  it('is what it was until the next answer', () => {
    const known = snapshot({ ...before, jobs: [job(1)] });
    expect(known.queued.map(({ id }) => id)).toEqual([1]);
    takeIn(known, poll({ jobs: [job(1), job(2)] }));
    expect(known.queued.map(({ id }) => id)).toEqual([1, 2]);
  });
});

/** The runs that are known of a scope, by id. */
function runIds(known: Known, scope = SCOPE): readonly number[] {
  return [...(known.scopes.get(scope)?.runs.keys() ?? [])];
}

describe('a run', () => {
  const done = job(1, { status: 'completed' });

  it.each(RUN_LISTS)('that the list of %s runs shows is open, as it was when that was taken in', (list) => {
    const heard = new Heard();
    heard.list(list, NOW, [run(1)], null, NOW + SECOND);
    const known = heard.known.scopes.get(SCOPE)?.runs.get(1);
    expect(known).toMatchObject({ run: run(1), changedAt: NOW + SECOND, jobs: [], ours: false });
    expect(known?.age.askedAt).toBeNull();
  });

  it('changes with its stamp alone, and keeps what was read of it', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.jobs(1, NOW, [job(1)]);
    heard.list('queued', NOW + SECOND, [run(1)]);
    const changedAt = (): number | undefined => heard.known.scopes.get(SCOPE)?.runs.get(1)?.changedAt;
    expect(changedAt()).toBe(NOW);
    heard.list('in_progress', NOW + SECOND, [run(1, { stamp: '1 in_progress' })]);
    expect(changedAt()).toBe(NOW + SECOND);
    expect(heard.known.queued.map(({ id }) => id)).toEqual([1]);
  });

  it('is followed when no list shows it any more, until its jobs are over', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.jobs(1, NOW, [job(1), done]);
    heard.lists(NOW + SECOND);
    heard.jobs(1, NOW + SECOND, [job(1, { status: 'in_progress' }), job(2, { status: 'completed' })]);
    expect(runIds(heard.known)).toEqual([1]);
    heard.jobs(1, NOW + 2 * SECOND, [done]);
    expect(runIds(heard.known)).toEqual([]);
    expect(heard.known.queued).toEqual([]);
  });

  it('is over once its jobs are, though a list still shows it', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.jobs(1, NOW, [done]);
    expect(runIds(heard.known)).toEqual([]);
  });

  it('that was cancelled before it had jobs is over once no list shows it', () => {
    const heard = new Heard();
    heard.list('newest', NOW, [run(1)]);
    heard.jobs(1, NOW, []);
    expect(runIds(heard.known)).toEqual([1]);
    heard.list('newest', NOW + SECOND, []);
    heard.jobs(1, NOW + SECOND, []);
    expect(runIds(heard.known)).toEqual([]);
  });

  it.each(RUN_LISTS)('that has no jobs yet is open while the list of %s runs shows it', (list) => {
    const heard = new Heard();
    heard.lists(NOW);
    heard.list(list, NOW, [run(1)]);
    heard.jobs(1, NOW, []);
    heard.jobs(1, NOW + SECOND, []);
    expect(runIds(heard.known)).toEqual([1]);
  });

  it('is ours while one of its jobs concerns us, those that are over too', () => {
    const heard = new Heard([SCOPE], ({ labels }) => labels.includes('ours'));
    heard.lists(NOW, [run(1)]);
    const ours = (): boolean | undefined => heard.known.scopes.get(SCOPE)?.runs.get(1)?.ours;
    heard.jobs(1, NOW, [job(1), job(2, { labels: ['ours'], status: 'completed' })]);
    expect(ours()).toBe(true);
    heard.jobs(1, NOW, [job(1)]);
    expect(ours()).toBe(false);
  });

  it('of one scope says nothing of the run of the same id in another', () => {
    const heard = new Heard([SCOPE, OTHER]);
    heard.lists(NOW, [run(1)]);
    heard.lists(NOW, [run(1, { scope: OTHER })], OTHER);
    heard.jobs(1, NOW, [done]);
    expect(runIds(heard.known, OTHER)).toEqual([1]);
  });

  it('is listed by lists of runs in a status, and not by the newest runs', () => {
    const heard = new Heard();
    heard.list('newest', NOW, [run(1)]);
    const scope = heard.known.scopes.get(SCOPE);
    if (scope === undefined) throw new Error('no scope');
    expect(isListed(scope, 1)).toBe(false);
    for (const list of STATUS_LISTS) {
      heard.list(list, NOW, [run(1)]);
      expect(isListed(scope, 1)).toBe(true);
      heard.list(list, NOW, []);
    }
    expect(isListed(scope, 1)).toBe(false);
  });
});

describe('a run of which GitHub says that there is no such thing', () => {
  /** Known and queued a minute ago; lists since then as told. */
  function queued(): Heard {
    const heard = new Heard();
    heard.lists(NOW - MINUTE, [run(1)]);
    heard.jobs(1, NOW - MINUTE, [job(1)]);
    expect(heard.known.queued).toHaveLength(1);
    return heard;
  }

  it.each<{
    readonly title: string;
    readonly heard: (heard: Heard) => void;
    readonly runs: readonly number[];
    readonly queued: readonly number[];
  }>([
    {
      title: 'once may be there all the same',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1);
      },
      runs: [1],
      queued: [1],
    },
    {
      title: 'twice in a row is over',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1);
        it.lacks(jobsOf(1), NOW + 2);
      },
      runs: [],
      queued: [],
    },
    {
      title: 'twice, and is listed, has no jobs for us',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1, [run(1)]);
        it.lacks(jobsOf(1), NOW + 2);
      },
      runs: [1],
      queued: [],
    },
    {
      title: 'with another failure in between may be there',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1);
        it.fails(jobsOf(1), NOW + 2);
        it.lacks(jobsOf(1), NOW + 3);
      },
      runs: [1],
      queued: [1],
    },
    {
      title: 'may be there while no list was read since',
      heard: (it) => {
        it.lists(NOW);
        it.lacks(jobsOf(1), NOW);
        it.lacks(jobsOf(1), NOW + 2);
      },
      runs: [1],
      queued: [1],
    },
    {
      title: 'may be there when that is said of its lists too',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1);
        for (const list of STATUS_LISTS) it.lacks(runList(list), NOW + 2);
        it.lacks(jobsOf(1), NOW + 3);
        it.lacks(jobsOf(1), NOW + 4);
      },
      runs: [1],
      queued: [1],
    },
    {
      title: 'is over when one list of its scope is read and the others are not',
      heard: (it) => {
        it.lacks(jobsOf(1), NOW);
        it.lists(NOW + 1);
        it.fails(runList('queued'), NOW + 2);
        it.fails(runList('waiting'), NOW + 2);
        it.lacks(jobsOf(1), NOW + 3);
      },
      runs: [],
      queued: [],
    },
  ])('$title', ({ heard: hear, runs, queued: jobs }) => {
    const heard = queued();
    hear(heard);
    expect(runIds(heard.known)).toEqual(runs);
    expect(heard.known.queued.map(({ id }) => id)).toEqual(jobs);
  });

  it('does not flicker either', () => {
    const heard = queued();
    heard.jobs(1, NOW, []);
    heard.lacks(jobsOf(1), NOW + 1);
    heard.lists(NOW + 2, [run(1)]);
    heard.lacks(jobsOf(1), NOW + 3);
    expect(heard.known.flickered).toEqual([]);
  });
});

describe('the job of a runner', () => {
  it('is known when it runs or is over, not while it is queued', () => {
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

  it('is remembered when its run is over, for runner names are never used twice', () => {
    const first = { ...before, jobs: [job(1, { status: 'in_progress', runnerName: 'a' })] };
    const is = snapshot(first, { jobs: [job(1, { status: 'completed', runnerName: 'a' })] }, {});
    expect(is.scopes.get(SCOPE)?.runs.size).toBe(0);
    expect(is.byRunner.get('a')).toMatchObject({ id: 1, status: 'completed' });
  });

  it('is remembered for two thousand runners, those that were named last', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    const ran = (id: number): ReturnType<typeof job> =>
      job(id, { status: 'in_progress', runnerName: `r${id}` });
    heard.jobs(
      1,
      NOW,
      Array.from({ length: 2_000 }, (_, at) => ran(at + 1)),
    );
    heard.jobs(1, NOW, [ran(1)]);
    expect(heard.known.byRunner.size).toBe(2_000);
    heard.jobs(1, NOW, [ran(2_001)]);
    expect(heard.known.byRunner.size).toBe(2_000);
    expect(['r1', 'r2', 'r3', 'r2001'].map((name) => heard.known.byRunner.has(name))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('runners', () => {
  it('of a scope that was not read stay, as old as they are', () => {
    const first = {
      ...before,
      scopes: [SCOPE, OTHER],
      runners: [runner('j1'), runner('j2', { scope: OTHER })],
    };
    const is = snapshot(first, { scopes: [SCOPE, OTHER], unread: [unread({ what: 'runners' })] });
    expect([...is.runners.keys()]).toEqual([runnerOf('j1')]);
    expect([is.runnersAsOf(SCOPE), is.runnersAsOf(OTHER)]).toEqual([BEFORE, NOW - SECOND]);
  });

  it('are those of the newest list', () => {
    const is = snapshot({ ...before, runners: [runner('j1', { online: false }), runner('j2')] });
    expect(is.runners.size).toBe(2);
    takeIn(is, poll({ runners: [runner('j1')] }));
    expect([...is.runners.values()]).toEqual([runner('j1')]);
  });

  it('have no age before they were read, nor in a scope that nobody asks about', () => {
    expect(snapshot({ unread: [unread({ what: 'runners' })] }).runnersAsOf(SCOPE)).toBeNull();
    expect(snapshot().runnersAsOf('o/unknown')).toBeNull();
  });

  it('lack the one that GitHub let go, and no other', () => {
    const is = snapshot({ runners: [runner('j1'), runner('j2')] });
    expect(is.runners.size).toBe(2);
    is.forgetRunner(runnerOf('j1'));
    is.forgetRunner(runnerOf('j9'));
    expect([...is.runners.keys()]).toEqual([runnerOf('j2')]);
    expect(is.runnersAsOf(SCOPE)).toBe(NOW - SECOND);
  });
});

describe('an answer says something new', () => {
  interface New {
    readonly title: string;
    readonly is: (heard: Heard) => boolean;
    readonly isNew: boolean;
  }

  /** A run with a job, and a runner, all known. */
  function known(): Heard {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.runners(NOW, [runner('j1')]);
    heard.jobs(1, NOW, [job(1)]);
    return heard;
  }

  it.each<New>([
    { title: 'a list as before does not', is: (it) => it.list('queued', NOW, [run(1)]), isNew: false },
    { title: 'a run in another list does not', is: (it) => it.list('waiting', NOW, [run(1)]), isNew: false },
    { title: 'a new run does', is: (it) => it.list('queued', NOW, [run(1), run(2)]), isNew: true },
    {
      title: 'a run that has changed does',
      is: (it) => it.list('newest', NOW, [run(1, { stamp: '2' })]),
      isNew: true,
    },
    {
      title: 'a list that lacks a run does not: its jobs say whether it is over',
      is: (it) => it.list('queued', NOW, []),
      isNew: false,
    },
    { title: 'runners as before do not', is: (it) => it.runners(NOW, [runner('j1')]), isNew: false },
    { title: 'one more runner does', is: (it) => it.runners(NOW, [runner('j1'), runner('j2')]), isNew: true },
    { title: 'one runner less does', is: (it) => it.runners(NOW, []), isNew: true },
    { title: 'another runner does', is: (it) => it.runners(NOW, [runner('j2')]), isNew: true },
    {
      title: 'a runner of another id does',
      is: (it) => it.runners(NOW, [runner('j1', { id: 1 })]),
      isNew: true,
    },
    {
      title: 'a runner that went offline does',
      is: (it) => it.runners(NOW, [runner('j1', { online: false })]),
      isNew: true,
    },
    {
      title: 'a runner that got busy does',
      is: (it) => it.runners(NOW, [runner('j1', { busy: true })]),
      isNew: true,
    },
    { title: 'jobs as before do not', is: (it) => it.jobs(1, NOW, [job(1)]), isNew: false },
    {
      title: 'jobs as before and one that is over do not',
      is: (it) => it.jobs(1, NOW, [job(1), job(2, { status: 'completed' })]),
      isNew: false,
    },
    { title: 'one more job does', is: (it) => it.jobs(1, NOW, [job(1), job(2)]), isNew: true },
    { title: 'another job does', is: (it) => it.jobs(1, NOW, [job(2)]), isNew: true },
    { title: 'no job any more does', is: (it) => it.jobs(1, NOW, []), isNew: true },
    {
      title: 'a job that runs does',
      is: (it) => it.jobs(1, NOW, [job(1, { status: 'in_progress' })]),
      isNew: true,
    },
    {
      title: 'a job that has a runner does',
      is: (it) => it.jobs(1, NOW, [job(1, { runnerName: 'x' })]),
      isNew: true,
    },
    {
      title: 'a run that is over does',
      is: (it) => it.jobs(1, NOW, [job(1, { status: 'completed' })]),
      isNew: true,
    },
    {
      title: 'the first answer about a run does, even without a job',
      is: (it) => {
        it.list('queued', NOW, [run(2)]);
        return it.jobs(2, NOW, []);
      },
      isNew: true,
    },
    {
      title: 'jobs of a run that is over already do not',
      is: (it) => it.jobs(9, NOW, [job(9)]),
      isNew: false,
    },
    {
      title: 'what nobody asked about does not',
      is: (it) => it.runners(NOW, [runner('j1')], 'o/unknown'),
      isNew: false,
    },
  ])('$title', ({ is, isNew }) => {
    expect(is(known())).toBe(isNew);
  });
});

describe('a part that is not answered', () => {
  it.each(RUN_LISTS)('leaves the list of %s runs as it was', (list) => {
    const heard = new Heard();
    heard.list(list, NOW, [run(1)], 'cut');
    heard.fails(runList(list), NOW + SECOND);
    const is = heard.known.scopes.get(SCOPE)?.lists[list];
    expect([...(is?.ids ?? [])]).toEqual([1]);
    expect(is?.cut).toEqual({ why: 'cut', since: NOW });
    expect(is?.age).toMatchObject({ askedAt: NOW, triedAt: NOW + SECOND, failing: { why: '502' } });
  });

  it('may be one of nobody', () => {
    const heard = new Heard();
    heard.fails(jobsOf(9), NOW);
    heard.fails(runnerList('o/unknown'), NOW);
    expect(runIds(heard.known)).toEqual([]);
    expect([...heard.known.scopes.keys()]).toEqual([SCOPE]);
  });
});

describe('a list that is cut', () => {
  it('has been so since the first answer that was, until one that is not', () => {
    const heard = new Heard();
    const cut = (): unknown => heard.known.scopes.get(SCOPE)?.lists.queued.cut;
    heard.list('queued', NOW, [], '1000 of 1001');
    heard.list('queued', NOW + SECOND, [], '1000 of 1002');
    expect(cut()).toEqual({ why: '1000 of 1002', since: NOW });
    heard.list('queued', NOW + 2 * SECOND, []);
    expect(cut()).toBeNull();
    heard.list('queued', NOW + 3 * SECOND, [], '1000 of 1001');
    expect(cut()).toEqual({ why: '1000 of 1001', since: NOW + 3 * SECOND });
  });
});

describe('a rate limit', () => {
  const limited = { since: NOW, until: NOW + HOUR, why: 'slow down' };

  it('lasts until GitHub said', () => {
    const { known } = new Heard();
    expect(known.limitedAt(NOW)).toBeNull();
    known.limit(limited);
    expect(known.limitedAt(NOW + HOUR - 1)).toEqual(limited);
    expect(known.limitedAt(NOW + HOUR)).toBeNull();
  });

  it('is not made shorter by another', () => {
    const { known } = new Heard();
    known.limit(limited);
    known.limit({ ...limited, until: NOW + MINUTE, why: 'sooner' });
    expect(known.limitedAt(NOW)).toEqual(limited);
    known.limit({ ...limited, until: NOW + 2 * HOUR, why: 'later' });
    expect(known.limitedAt(NOW + HOUR)?.why).toBe('later');
  });
});
