import { describe, expect, it } from 'vitest';

import { due, nextTry } from '../../../src/core/known/due.ts';
import type { Millis } from '../../../src/core/model.ts';
import { RUN_LISTS, STATUS_LISTS } from '../../../src/core/observation.ts';
import { HOUR, job, MINUTE, NOW, SCOPE, SECOND } from '../../support/builders.ts';
import { Heard, jobsOf, run, runList, runnerList } from './heard.ts';

const OTHER = 'o/s';
const INTERVAL = 10 * SECOND;
/** The poll before. */
const LAST = NOW - INTERVAL;
const LONG_AGO = NOW - HOUR;
const EVERY = ['queued', 'in_progress', 'waiting', 'newest', 'runners'];
const EACH_POLL = ['queued', 'in_progress', 'waiting', 'runners'];

/** What is to be asked at a time in the poll that began at `NOW`, each in a few words. */
function reads(heard: Heard, now: Millis, interval = INTERVAL): readonly string[] {
  return due(heard.known, { at: NOW, interval }, now).map(({ part, rank }) => {
    if (part.kind === 'jobs') return `${part.runId} ${rank}`;
    const what = part.kind === 'runs' ? part.list : 'runners';
    expect(rank).toBe('list');
    return part.scope === SCOPE ? what : `${part.scope} ${what}`;
  });
}

interface Row {
  readonly title: string;
  readonly heard: (heard: Heard) => void;
  /** When it is asked, since the poll began. */
  readonly after?: Millis;
  readonly is: readonly string[];
}

function check({ heard: hear, after = 0, is }: Row): void {
  const heard = new Heard([SCOPE], ({ labels }) => labels.includes('ours'));
  hear(heard);
  expect(reads(heard, NOW + after)).toEqual(is);
}

describe('lists', () => {
  it.each<Row>([
    { title: 'are all due before the first answer', heard: () => undefined, is: EVERY },
    {
      title: 'are due in each poll, but for the newest runs',
      heard: (it) => it.lists(LAST),
      is: EACH_POLL,
    },
    { title: 'are due once in a poll', heard: (it) => it.lists(NOW), after: 9 * SECOND, is: [] },
    {
      title: 'are due by the time when they were asked for, not when they were answered',
      heard: (it) => {
        it.lists(NOW);
        it.list('waiting', NOW - 1, [], null, NOW + SECOND);
      },
      after: SECOND,
      is: ['waiting'],
    },
    {
      title: 'of the newest runs wait for thirty polls',
      heard: (it) => {
        it.lists(NOW);
        it.list('newest', NOW - 30 * INTERVAL + 1, []);
      },
      is: [],
    },
    {
      title: 'of the newest runs are due after thirty polls',
      heard: (it) => {
        it.lists(NOW);
        it.list('newest', NOW - 30 * INTERVAL, []);
      },
      is: ['newest'],
    },
    {
      title: 'that failed wait for their next try, into the next poll',
      heard: (it) => {
        it.lists(LAST);
        for (const list of RUN_LISTS) it.fails(runList(list), NOW - 5 * SECOND + 1);
        it.fails(runnerList(), NOW - 5 * SECOND + 1);
      },
      is: [],
    },
    {
      title: 'that failed are tried again when they may be, though they were asked for in this poll',
      heard: (it) => {
        it.lists(LAST);
        for (const list of RUN_LISTS) it.fails(runList(list), NOW);
        it.fails(runnerList(), NOW);
      },
      after: 5 * SECOND,
      is: EVERY,
    },
  ])('$title', check);

  it.each([
    { count: 100, newest: false },
    { count: 101, newest: true },
  ])(
    'with $count runs in one of them, the newest runs are due in each poll: $newest',
    ({ count, newest }) => {
      const heard = new Heard();
      heard.lists(
        LAST,
        Array.from({ length: count }, (_, n) => run(n + 1)),
      );
      heard.list('newest', LAST, []);
      expect(reads(heard, NOW).includes('newest')).toBe(newest);
    },
  );

  it('of every scope come before the jobs of any', () => {
    const heard = new Heard([SCOPE, OTHER]);
    heard.lists(LAST, [run(1)]);
    expect(reads(heard, NOW)).toEqual([...EACH_POLL, ...EVERY.map((what) => `${OTHER} ${what}`), '1 fresh']);
  });
});

const OURS = job(1, { labels: ['ours'] });
const THEIRS = job(1);

/** Every list was asked for in this poll, and holds these runs as they have been for an hour. */
function unchanged(it: Heard, ...ids: readonly number[]): void {
  const runs = ids.map((id) => run(id));
  it.lists(LONG_AGO, runs);
  it.lists(NOW, runs);
}

describe('the jobs of a run', () => {
  it.each<Row>([
    { title: 'are fresh when it is new', heard: (it) => it.lists(NOW, [run(1)]), is: ['1 fresh'] },
    {
      title: 'are asked for once in a poll',
      heard: (it) => {
        it.lists(NOW, [run(1)]);
        it.jobs(1, NOW, [OURS]);
      },
      after: 9 * SECOND,
      is: [],
    },
    {
      title: 'are asked for again in the same poll once the run has changed',
      heard: (it) => {
        it.lists(NOW, [run(1)]);
        it.jobs(1, NOW, [THEIRS]);
        it.list('in_progress', NOW, [run(1, { stamp: '1 in_progress' })], null, NOW + 1);
      },
      after: 1,
      is: ['1 fresh'],
    },
    {
      title: 'are not asked for again because the run is in another list too',
      heard: (it) => {
        it.lists(NOW, [run(1)]);
        it.jobs(1, NOW, [THEIRS]);
        it.list('in_progress', NOW, [run(1)], null, NOW + 1);
      },
      after: 1,
      is: [],
    },
    {
      title: 'are fresh until they were asked for half a minute after the change',
      heard: (it) => {
        it.lists(LAST - 30 * SECOND + 1, [run(1)]);
        it.jobs(1, LAST, [THEIRS]);
        it.lists(NOW, [run(1)]);
      },
      is: ['1 fresh'],
    },
    {
      title: 'go in turn after that',
      heard: (it) => {
        it.lists(LAST - 30 * SECOND, [run(1)]);
        it.jobs(1, LAST, [THEIRS]);
        it.lists(NOW, [run(1)]);
      },
      is: ['1 turn'],
    },
    {
      title: 'are fresh in each poll while one of them is ours',
      heard: (it) => {
        unchanged(it, 1);
        it.jobs(1, LAST, [THEIRS, OURS]);
      },
      is: ['1 fresh'],
    },
    {
      title: 'have their turn while none of them is',
      heard: (it) => {
        unchanged(it, 1);
        it.jobs(1, NOW - 8 * SECOND, [THEIRS]);
      },
      is: ['1 turn'],
    },
    {
      title: 'are not due before their turn',
      heard: (it) => {
        unchanged(it, 1);
        it.jobs(1, NOW - 8 * SECOND + 1, [THEIRS]);
      },
      is: [],
    },
    {
      title: 'are fresh in each poll once no list has the run: it is about to end',
      heard: (it) => {
        it.lists(LONG_AGO, [run(1)]);
        it.jobs(1, LAST, [THEIRS]);
        it.lists(NOW);
      },
      is: ['1 fresh'],
    },
    {
      title: 'are fresh in each poll while only the newest runs show it',
      heard: (it) => {
        it.lists(LONG_AGO);
        it.list('newest', LONG_AGO, [run(1)]);
        it.lists(NOW);
        it.list('newest', NOW, [run(1)]);
        it.jobs(1, LAST, [THEIRS]);
      },
      is: ['1 fresh'],
    },
    {
      title: 'that failed wait for their next try, ours and changed as the run is',
      heard: (it) => {
        it.lists(LAST, [run(1)]);
        it.jobs(1, LAST, [OURS]);
        it.fails(jobsOf(1), NOW - 5 * SECOND + 1);
        it.lists(NOW, [run(1, { stamp: '2' })]);
      },
      is: [],
    },
    {
      title: 'that failed are tried again in turn, and need not wait for that',
      heard: (it) => {
        it.lists(LAST, [run(1)]);
        it.jobs(1, LAST, [OURS]);
        it.fails(jobsOf(1), NOW - 5 * SECOND);
        it.lists(NOW, [run(1)]);
      },
      is: ['1 turn'],
    },
    {
      title: 'of the newest run come first',
      heard: (it) => it.lists(NOW, [run(2), run(3), run(1)]),
      is: ['3 fresh', '2 fresh', '1 fresh'],
    },
    {
      title: 'that were asked for longest ago are the first in turn',
      heard: (it) => {
        unchanged(it, 1, 2, 3);
        it.jobs(1, NOW - 20 * SECOND, [THEIRS]);
        it.jobs(2, NOW - 30 * SECOND, [THEIRS]);
        it.fails(jobsOf(3), NOW - 25 * SECOND);
      },
      is: ['2 turn', '3 turn', '1 turn'],
    },
    {
      title: 'come one in turn after three fresh ones, and what is left of either after that',
      heard: (it) => {
        unchanged(it, 11, 12, 13, 14);
        for (const id of [11, 12, 13, 14]) it.jobs(id, LAST - 20 * SECOND + id, [THEIRS]);
        it.list(
          'in_progress',
          NOW,
          [1, 2, 3, 4, 5, 6, 7].map((id) => run(id)),
        );
      },
      is: '7 fresh,6 fresh,5 fresh,11 turn,4 fresh,3 fresh,2 fresh,12 turn,1 fresh,13 turn,14 turn'.split(
        ',',
      ),
    },
    {
      title: 'are fresh to their end when none has its turn',
      heard: (it) =>
        it.lists(
          NOW,
          [1, 2, 3, 4].map((id) => run(id)),
        ),
      is: ['4 fresh', '3 fresh', '2 fresh', '1 fresh'],
    },
  ])('$title', check);

  it.each(STATUS_LISTS)('go in turn though no list has the run, while that of %s runs is cut', (list) => {
    const heard = new Heard();
    heard.lists(LONG_AGO, [run(1)]);
    heard.jobs(1, LAST, [THEIRS]);
    heard.lists(NOW);
    heard.list(list, NOW, [], 'GitHub lists the newest 1000 of 1001');
    expect(reads(heard, NOW)).toEqual(['1 turn']);
  });

  it('are asked for with the repository of the run', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1, { repository: 'O/R' })]);
    expect(due(heard.known, { at: NOW, interval: INTERVAL }, NOW)).toEqual([
      { part: { kind: 'jobs', scope: SCOPE, repository: 'O/R', runId: 1 }, rank: 'fresh' },
    ]);
  });
});

describe('the turn of runs that nothing points to', () => {
  it.each([
    { runs: 1, interval: INTERVAL, turn: 8 * SECOND },
    { runs: 16, interval: INTERVAL, turn: 8 * SECOND },
    { runs: 100, interval: INTERVAL, turn: 48 * SECOND },
    { runs: 1_000, interval: INTERVAL, turn: 480 * SECOND },
    { runs: 100, interval: 2 * MINUTE, turn: 96 * SECOND },
  ])('of $runs runs, with polls $interval ms apart, comes after $turn ms', ({ runs, interval, turn }) => {
    const heard = new Heard();
    const ids = Array.from({ length: runs }, (_, at) => at + 1);
    unchanged(heard, ...ids);
    for (const id of ids) heard.jobs(id, NOW - turn + (id === 1 ? 0 : 1), [THEIRS]);
    expect(reads(heard, NOW, interval)).toEqual(['1 turn']);
    expect(reads(heard, NOW + 1, interval)).toHaveLength(runs);
  });
});

describe('a rate limit', () => {
  const heard = new Heard();
  heard.lists(LAST, [run(1)]);
  heard.known.limit({ since: NOW, until: NOW + MINUTE, why: 'slow down' });

  it('stops every read', () => {
    expect(reads(heard, NOW + MINUTE - 1)).toEqual([]);
  });

  it('ends by itself', () => {
    expect(reads(heard, NOW + MINUTE)).toEqual([...EACH_POLL, '1 fresh']);
  });
});

describe('the next try', () => {
  it('is none while nothing fails', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.jobs(1, NOW, [THEIRS]);
    expect(nextTry(heard.known, NOW)).toBeNull();
  });

  it.each([
    { what: 'a list', part: runList('waiting') },
    { what: 'the newest runs', part: runList('newest') },
    { what: 'the runners', part: runnerList() },
    { what: 'the jobs of a run', part: jobsOf(1) },
  ])('is that of $what, if it comes first', ({ part }) => {
    const heard = new Heard();
    heard.lists(NOW, [run(1), run(2)]);
    heard.fails(runList('queued'), NOW + 2);
    heard.fails(jobsOf(2), NOW + 3);
    heard.fails(part, NOW + 1);
    expect(nextTry(heard.known, NOW)).toBe(NOW + 1 + 5 * SECOND);
  });

  it('of one whose time has come does not hide the others', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.fails(jobsOf(1), NOW);
    heard.fails(runnerList(), NOW + SECOND);
    expect(nextTry(heard.known, NOW + 5 * SECOND)).toBe(NOW + 6 * SECOND);
  });
});
