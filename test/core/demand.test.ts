import { describe, expect, it } from 'vitest';

import type { Ghost, Instance, Job, Taken } from '../../src/core/model.ts';
import type { Row } from '../support/builders.ts';
import {
  container,
  host,
  HOUR,
  instance,
  job,
  judged,
  MINUTE,
  NOW,
  planned,
  runner,
  runnerClass,
  SCOPE,
  SECOND,
  snapshot,
  state,
} from '../support/builders.ts';

const OTHER = 'o/s';
const small = runnerClass({ name: 'small', labels: ['ci'], max: 2 });
const big = runnerClass({ name: 'big', labels: ['ci', 'big'], max: 2 });
const two = { classes: [small, big] };

/** Instances with their running containers, and queued jobs. */
function world(instances: readonly Instance[], jobs: readonly Job[], more: Row['seen'] = {}): Row['seen'] {
  return {
    state: state({ instances }),
    host: host({ containers: instances.map(({ name }) => container(name)) }),
    github: snapshot({ jobs }),
    ...more,
  };
}

function check(rows: readonly Row[]): void {
  it.each(rows)('$it', (row) => {
    const { is, should } = judged(row);
    expect(is).toEqual(should);
  });
}

describe('one class', () => {
  check([
    { it: 'no job asks for nothing', seen: {} },
    { it: 'before the first look nothing is known of demand', seen: { github: null } },
    {
      it: 'a queued job gets a promise, and then a start',
      seen: world([], [job(1)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'a burst is made at once, oldest first',
      seen: world([], [job(3), job(1), job(2)]),
      changes: ['reserve j1', 'reserve j2', 'reserve j3'],
      effects: ['start j1', 'start j2', 'start j3'],
      holds: ['1 starting', '2 starting', '3 starting'],
    },
    {
      it: 'a job with labels of nobody, and one of ours that is more than we offer, and one without labels',
      seen: world([], [job(1, { labels: ['ubuntu-latest'] }), job(2, { labels: ['ci', 'gpu'] }), job(3, { labels: [] })]),
      holds: ['2 no-matching-class'],
    },
    {
      it: 'one that starts covers a job',
      seen: world([instance('j1', { phase: 'starting' })], [job(1)]),
      holds: ['1 starting'],
    },
    {
      it: 'one that idles covers a job',
      seen: world([instance('j1')], [job(1)]),
      holds: ['1 waiting-for-github'],
    },
    {
      it: 'one that is busy covers none, though it was made for it',
      seen: world([instance('j1', { phase: 'busy' })], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'jobs are counted, not matched: one made for another job covers as well',
      seen: world([instance('j7'), instance('j8')], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 waiting-for-github'],
    },
    {
      it: 'of several, the job that caused one counts as covered by it',
      seen: world([instance('j7'), instance('j2', { phase: 'starting' })], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 starting'],
    },
    {
      it: 'what idles serves before what starts',
      seen: world([instance('j8', { phase: 'starting' }), instance('j7')], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 starting'],
    },
    {
      it: 'ids with the same last digits get names of their own',
      seen: world([], [job(11_000_005), job(21_000_005)]),
      changes: ['reserve j1000005', 'reserve j1000005a'],
      effects: ['start j1000005', 'start j1000005a'],
      holds: ['11000005 starting', '21000005 starting'],
    },
    {
      it: 'holds are told oldest first, whatever they wait for',
      seen: world([instance('j3')], [job(1), job(2, { labels: ['ci', 'gpu'] }), job(3)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 no-matching-class', '3 waiting-for-github'],
    },
  ]);
});

describe('waits', () => {
  const rest = { className: 'default', count: 1, until: NOW + MINUTE, detail: 'no' };
  const limited = { kind: 'rate-limited', until: NOW + MINUTE, why: '' } as const;
  const down = { kind: 'github-unreachable', why: 'no route' } as const;
  const blind = { unread: [{ scope: SCOPE, what: 'jobs', runId: null, why: '502' }] } as const;
  const one = { jobs: [job(1)] };
  const full = { classes: [runnerClass({ max: 1 })] };
  const busy = state({ instances: [instance('j7', { phase: 'busy' })] });
  const its = host({ containers: [container('j7')] });
  const failing = state({ failures: [rest] });
  const nothing = host({ freeDisk: 999 });

  check([
    { it: 'draining', seen: { github: snapshot(one), draining: true }, holds: ['1 draining'] },
    { it: 'rate-limited', seen: { github: snapshot({ ...one, trouble: limited }) }, holds: ['1 rate-limited'] },
    {
      it: 'a limit that has passed is none',
      seen: { github: snapshot({ ...one, trouble: { ...limited, until: NOW } }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'github-unreachable for a scope that was not read',
      seen: { github: snapshot(one, blind) },
      holds: ['1 github-unreachable'],
    },
    {
      it: 'github-unreachable when it serves nobody',
      seen: { github: snapshot({ ...one, trouble: down }) },
      holds: ['1 github-unreachable'],
    },
    {
      it: 'an unread run alone is no hindrance',
      seen: { github: snapshot(one, { unread: [{ scope: SCOPE, what: 'jobs', runId: 1, why: '' }] }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'backing-off when the engine cannot be read',
      seen: { github: snapshot(one), host: { ok: false, why: '' } },
      holds: ['1 backing-off'],
    },
    { it: 'disk-low', seen: { github: snapshot(one), host: nothing }, holds: ['1 disk-low'] },
    {
      it: 'a disk with just enough is enough',
      seen: { github: snapshot(one), host: host({ freeDisk: 1_000 }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'class-at-capacity',
      seen: { github: snapshot(one), state: busy, host: its },
      policy: full,
      holds: ['1 class-at-capacity'],
    },
    { it: 'backing-off after a failed start', seen: { github: snapshot(one), state: failing }, holds: ['1 backing-off'] },
    {
      it: 'a rest that is over is none',
      seen: { github: snapshot(one), state: state({ failures: [{ ...rest, until: NOW }] }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'host-at-capacity',
      seen: { github: snapshot(one), state: busy, host: its },
      policy: { maxConcurrent: 1 },
      holds: ['1 host-at-capacity'],
    },
    {
      it: 'exactly as many as may be are made',
      seen: { github: snapshot({ jobs: [job(1), job(2), job(3)] }), state: busy, host: its },
      policy: { maxConcurrent: 3 },
      changes: ['reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting', '3 host-at-capacity'],
    },
    {
      it: 'no-free-subnet',
      seen: { github: snapshot({ jobs: [job(1), job(2)] }) },
      policy: { subnets: [100] },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 no-free-subnet'],
    },
    {
      it: 'no-free-subnet when the host or another instance uses them',
      seen: {
        github: snapshot(one),
        state: state({ instances: [instance('j7', { phase: 'busy', subnet: 100 })] }),
        host: host({ containers: [container('j7')], subnetsInUse: [101] }),
      },
      policy: { subnets: [100, 101] },
      holds: ['1 no-free-subnet'],
    },
    {
      it: 'a name that the host takes is not given',
      seen: { github: snapshot(one), host: host({ taken: ['j1'], containers: [container('j1a')] }) },
      changes: ['reserve j1b'],
      effects: ['start j1b'],
      holds: ['1 starting'],
    },
    {
      it: 'all names taken is a wait',
      seen: {
        github: snapshot(one),
        host: host({ taken: ['j1', ...'abcdefghijklmnopqrstuvwxyz'.split('').map((it) => `j1${it}`)] }),
      },
      holds: ['1 host-at-capacity'],
    },
  ]);

  const reasons: readonly [string, Row['seen'], Row['policy']][] = [
    ['draining', { draining: true }, {}],
    ['rate-limited', { github: snapshot({ ...one, ...blind, trouble: limited }) }, {}],
    ['github-unreachable', { github: snapshot(one, blind) }, {}],
    ['backing-off', { host: { ok: false, why: '' } }, {}],
    ['disk-low', { host: { ...its, value: { ...(its.ok ? its.value : nothing.ok ? nothing.value : its), freeDisk: 0 } } as never }, {}],
    ['class-at-capacity', {}, full],
    ['backing-off', { state: { ...busy, failures: [rest] } }, {}],
    ['host-at-capacity', {}, { maxConcurrent: 1 }],
    ['no-free-subnet', {}, { subnets: [100] }],
  ];

  it.each(reasons.map(([reason], at) => ({ reason, at })))('$reason comes before all that follow it', ({ reason, at }) => {
    const rows = reasons.slice(at);
    let observed: Row['seen'] = { github: snapshot(one), state: busy, host: its };
    let by: Row['policy'] = {};
    for (const [, more, rule] of rows.reverse()) {
      observed = { ...observed, ...more };
      by = { ...by, ...rule };
    }
    expect(planned(observed, by).holds).toEqual([`1 ${reason}`]);
  });
});

describe('several classes', () => {
  check([
    {
      it: 'a job counts for the first class that covers it and is below its maximum',
      seen: world([], [job(1), job(2), job(3), job(4), job(5)]),
      policy: two,
      changes: ['reserve j1', 'reserve j2', 'reserve j3', 'reserve j4'],
      effects: ['start j1', 'start j2', 'start j3', 'start j4'],
      holds: ['1 starting', '2 starting', '3 starting', '4 starting', '5 class-at-capacity'],
    },
    {
      it: 'one that only the second covers counts for that',
      seen: world([instance('j7', { className: 'small' })], [job(1, { labels: ['big'] })]),
      policy: two,
      changes: ['reserve j1'],
      effects: ['retire j7 not-needed', 'start j1'],
      holds: ['1 starting'],
    },
    {
      it: 'an own instance counts first, so that a job of another class keeps its own',
      seen: world(
        [
          instance('j7', { className: 'small', phase: 'busy' }),
          instance('j8', { className: 'small', phase: 'busy' }),
          instance('j2', { className: 'big', phase: 'starting' }),
        ],
        [job(1), job(2, { labels: ['big'] })],
      ),
      policy: two,
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 starting'],
    },
    {
      it: 'when the first class is full, an idle one of the second covers',
      seen: world(
        [
          instance('j7', { className: 'small', phase: 'busy' }),
          instance('j8', { className: 'small', phase: 'busy' }),
          instance('j9', { className: 'big' }),
        ],
        [job(1)],
      ),
      policy: two,
      holds: ['1 waiting-for-github'],
    },
    {
      it: "a class that rests holds its own jobs and nobody else's",
      seen: {
        ...world([], [job(1), job(2, { labels: ['big'] })]),
        state: state({ failures: [{ className: 'small', count: 9, until: NOW + MINUTE, detail: 'no' }] }),
      },
      policy: two,
      changes: ['reserve j2'],
      effects: ['start j2'],
      holds: ['1 backing-off', '2 starting'],
    },
    {
      it: 'endings count against the maximum of their class',
      seen: world([instance('j7', { className: 'big', phase: 'stopping' })], [job(1, { labels: ['big'] })]),
      policy: { classes: [{ ...big, max: 1 }] },
      effects: ['destroy j7'],
      holds: ['1 class-at-capacity'],
    },
    {
      it: 'a runner serves its own scope only',
      seen: world([instance('j7')], [job(1, { scope: OTHER }), job(2)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      it: 'a blind scope waits, another goes on',
      seen: {
        github: snapshot(
          { scopes: [SCOPE, OTHER], jobs: [job(1), job(2, { scope: OTHER })] },
          {
            scopes: [SCOPE, OTHER],
            jobs: [job(2, { scope: OTHER })],
            unread: [{ scope: SCOPE, what: 'jobs', runId: null, why: '' }],
          },
        ),
      },
      changes: ['reserve j2'],
      effects: ['start j2'],
      holds: ['1 github-unreachable', '2 starting'],
    },
  ]);

  it('each is made with the system and under the name of its class and scope', () => {
    const system = '/nix/store/x';
    const classes = [runnerClass({ name: 'small', labels: ['ci'], system })];
    const github = snapshot({ jobs: [job(1, { scope: OTHER, runAttempt: 3 })] });
    const [change] = planned({ github }, { classes }).changes;
    expect(change).toBe('reserve j1');
  });
});

describe('theft', () => {
  const stolen = (at: number, over: Partial<Taken> = {}): Taken => ({
    className: 'default',
    scope: SCOPE,
    at,
    forJob: 1,
    runId: null,
    unproven: false,
    ...over,
  });
  const busyOne = instance('j1', { phase: 'busy' });
  const took = (taken: readonly Taken[], jobs: readonly Job[], more: Row['seen'] = {}) => ({
    ...world([busyOne], jobs),
    state: state({ instances: [busyOne], taken }),
    ...more,
  });

  check([
    {
      it: 'the runner made for 1 runs 2, so another is made for 1',
      seen: world([busyOne], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'until a later look, the job that it took is taken for the one it was made for',
      seen: took([stolen(NOW)], [job(1)]),
    },
    {
      it: 'a look that was asked for later knows better',
      seen: took([stolen(NOW - 2 * SECOND)], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'a job of the run that its hook named goes first',
      seen: took([stolen(NOW, { runId: 2 })], [job(1), job(2, { runId: 2 })]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'within a run, the one it was made for',
      seen: took([stolen(NOW, { runId: 1, forJob: 2 })], [job(1), job(2)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'or else the oldest that it could take',
      seen: took([stolen(NOW, { forJob: 9 })], [job(1, { labels: ['ci', 'gpu'] }), job(2), job(3)]),
      changes: ['reserve j3'],
      effects: ['start j3'],
      holds: ['1 no-matching-class', '3 starting'],
    },
    {
      it: 'a scope is not robbed by another',
      seen: took([stolen(NOW, { scope: OTHER })], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'two that became busy took two',
      seen: took([stolen(NOW), stolen(NOW, { forJob: 2 })], [job(1), job(2), job(3)]),
      changes: ['reserve j3'],
      effects: ['start j3'],
      holds: ['3 starting'],
    },
    {
      it: 'a class that is no more robs nobody',
      seen: took([stolen(NOW, { className: 'old' })], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      it: 'a runner that GitHub names takes nothing from the jobs that are queued still',
      seen: world(
        [instance('j1'), instance('j2')],
        [job(1, { status: 'in_progress', runnerName: instance('j1').runnerName }), job(2)],
      ),
      changes: ['busy j1'],
      holds: ['2 waiting-for-github'],
    },
    {
      it: 'a guess at what was taken makes no runner superfluous',
      seen: {
        ...world([busyOne, instance('j2')], [job(2)]),
        state: state({ instances: [busyOne, instance('j2')], taken: [stolen(NOW, { forJob: 9 })] }),
      },
    },
  ]);
});

describe('spare ones', () => {
  const idle = instance('j1', { since: NOW - MINUTE });
  const before = { askedAt: NOW - 11 * SECOND };
  const spare = (one: Instance, looks: Parameters<typeof snapshot>): Row['seen'] => ({
    ...world([one], []),
    github: snapshot(...looks),
  });

  check([
    { it: 'is asked to go', seen: spare(idle, [{}]), effects: ['retire j1 not-needed'] },
    {
      it: 'so is one that starts',
      seen: spare({ ...idle, phase: 'starting' }, [{}]),
      effects: ['retire j1 not-needed'],
    },
    {
      it: 'its job was cancelled: not by the first look that lacks it',
      seen: spare(idle, [{ ...before, jobs: [job(1)] }, {}]),
    },
    {
      it: 'its job was cancelled: by the second',
      seen: spare(idle, [{ ...before, jobs: [job(1)] }, { ...before }, {}]),
      effects: ['retire j1 not-needed'],
    },
    {
      it: 'not by a look that is partial',
      seen: spare(idle, [before, { unread: [{ scope: SCOPE, what: 'jobs', runId: 4, why: '' }] }]),
    },
    {
      it: 'not by one that lacks the runners',
      seen: spare(idle, [before, { unread: [{ scope: SCOPE, what: 'runners', runId: null, why: '' }] }]),
    },
    { it: 'not before the first look', seen: { ...spare(idle, [{}]), github: null } },
    { it: 'not while GitHub is in trouble', seen: spare(idle, [{ trouble: { kind: 'github-unreachable', why: '' } }]) },
    { it: 'not by a look that is older than its phase', seen: spare({ ...idle, since: NOW - SECOND }, [{}]) },
    { it: 'not one that GitHub calls busy', seen: spare(idle, [{ runners: [runner('j1', { busy: true })] }]) },
    {
      it: 'not one that is only promised: its start is about to begin or to be found cut short',
      seen: { ...spare({ ...idle, phase: 'reserved' }, [{}]), host: { ok: false, why: '' } },
    },
    { it: 'not one whose id nobody knows', seen: spare({ ...idle, runnerId: null }, [{}]) },
    { it: 'not one that an effect is at work on', seen: { ...spare(idle, [{}]), unsettled: new Set(['j1']) } },
    { it: 'not one that works', seen: spare({ ...idle, phase: 'busy' }, [{}]) },
    {
      it: 'of several, as many as are too many, the newest of those that came up last',
      seen: world(
        [
          instance('j7', { since: NOW - 3 * MINUTE }),
          instance('j8', { since: NOW - 2 * MINUTE }),
          instance('j9', { since: NOW - MINUTE, phase: 'starting' }),
        ],
        [job(1)],
      ),
      effects: ['retire j9 not-needed', 'retire j8 not-needed'],
      holds: ['1 waiting-for-github'],
    },
  ]);
});

describe('ghosts', () => {
  const ghost = (over: Partial<Ghost> = {}): Ghost => ({
    jobId: 1,
    runAttempt: 1,
    strikes: 2,
    lastAt: NOW - MINUTE,
    ...over,
  });
  const haunted = (over: Partial<Ghost>, more: Row['seen'] = {}): Row['seen'] => ({
    github: snapshot({ jobs: [job(1)] }),
    state: state({ ghosts: [ghost(over)] }),
    ...more,
  });
  const made = { changes: ['reserve j1'], effects: ['start j1'], holds: ['1 starting'] };

  check([
    { it: 'a job whose runners idled twice is held', seen: haunted({}), holds: ['1 waiting-for-github'] },
    { it: 'once is not enough', seen: haunted({ strikes: 1 }), ...made },
    { it: 'other jobs are not held', seen: haunted({ jobId: 7 }), ...made, changes: ['unghost 7', 'reserve j1'] },
    {
      it: 'an hour later it is a job again',
      seen: haunted({ lastAt: NOW - HOUR }),
      ...made,
      changes: ['unghost 1', 'reserve j1'],
    },
    { it: 'not a millisecond before', seen: haunted({ lastAt: NOW - HOUR + 1 }), holds: ['1 waiting-for-github'] },
    { it: 'another attempt is another job', seen: haunted({ runAttempt: 2 }), ...made, changes: ['unghost 1', 'reserve j1'] },
    { it: 'one that is queued no more is forgotten', seen: haunted({}, { github: snapshot() }), changes: ['unghost 1'] },
    {
      it: 'not by a partial look',
      seen: haunted({}, { github: snapshot({ unread: [{ scope: SCOPE, what: 'jobs', runId: 4, why: '' }] }) }),
    },
    {
      it: 'a held job needs no runner',
      seen: haunted(
        {},
        {
          state: state({ ghosts: [ghost()], instances: [instance('j1')] }),
          host: host({ containers: [container('j1')] }),
        },
      ),
      effects: ['retire j1 not-needed'],
      holds: ['1 waiting-for-github'],
    },
    {
      it: 'draining says so of a held job too',
      seen: haunted({ strikes: 1 }, { draining: true }),
      holds: ['1 draining'],
    },
  ]);
});
