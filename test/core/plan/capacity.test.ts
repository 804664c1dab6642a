import { describe, expect, it } from 'vitest';

import type { Row } from '../../support/builders.ts';
import {
  container,
  failure,
  host,
  instance,
  job,
  MINUTE,
  NOW,
  planned,
  runnerClass,
  SCOPE,
  snapshot,
  state,
} from '../../support/builders.ts';
import { check } from './check.ts';

describe('waits', () => {
  const LIMIT = NOW + MINUTE;
  const unanswered = {
    unread: [
      { scope: SCOPE, what: 'jobs', runId: null, why: '502' },
      { scope: SCOPE, what: 'runners', runId: null, why: '502' },
    ],
  } as const;
  const one = { jobs: [job(1)] };
  const full = { classes: [runnerClass({ max: 1 })] };
  const busy = state({ instances: [instance('j7', { phase: 'busy' })] });
  const its = host({ containers: [container('j7')] });
  const failing = state({ failures: [failure()] });
  const nothing = host({ freeDisk: 999 });

  check([
    { title: 'draining', seen: { github: snapshot(one), draining: true }, holds: ['1 draining'] },
    {
      title: 'rate-limited',
      seen: { github: snapshot({ ...one, limitedUntil: LIMIT }) },
      holds: ['1 rate-limited'],
    },
    {
      title: 'a limit that has passed is none',
      seen: { github: snapshot({ ...one, limitedUntil: NOW }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'github-unreachable for a scope of which nothing can be read',
      seen: { github: snapshot(one, unanswered) },
      holds: ['1 github-unreachable'],
    },
    {
      title: 'an unread run alone is no hindrance',
      seen: { github: snapshot(one, { unread: [{ scope: SCOPE, what: 'jobs', runId: 1, why: '' }] }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'backing-off when the engine cannot be read',
      seen: { github: snapshot(one), host: { ok: false, why: '' } },
      holds: ['1 backing-off'],
    },
    { title: 'disk-low', seen: { github: snapshot(one), host: nothing }, holds: ['1 disk-low'] },
    {
      title: 'a disk with just enough is enough',
      seen: { github: snapshot(one), host: host({ freeDisk: 1_000 }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'class-at-capacity',
      seen: { github: snapshot(one), state: busy, host: its },
      policy: full,
      holds: ['1 class-at-capacity'],
    },
    {
      title: 'backing-off after a failed start',
      seen: { github: snapshot(one), state: failing },
      holds: ['1 backing-off'],
    },
    {
      title: 'a job that another class fits goes there meanwhile',
      seen: { github: snapshot(one), state: failing },
      policy: { classes: [runnerClass(), runnerClass({ name: 'b' })] },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'an idle runner of another class that fits is not superfluous meanwhile',
      seen: {
        github: snapshot(one),
        state: state({ failures: [failure()], instances: [instance('j7', { className: 'b' })] }),
        host: its,
      },
      policy: { classes: [runnerClass(), runnerClass({ name: 'b' })] },
      holds: ['1 waiting-for-github'],
    },
    ...(
      [
        ['the host is full', {}, { maxConcurrent: 1 }],
        ['no subnet is free', {}, { subnets: [100] }],
        ['the disk is full', { host: host({ containers: [container('j7')], freeDisk: 999 }) }, {}],
      ] as const
    ).map(([why, more, by]) => ({
      title: `nor is it while ${why}`,
      seen: {
        github: snapshot(one),
        state: state({ instances: [instance('j7', { className: 'b' })] }),
        host: its,
        ...more,
      },
      policy: { classes: [runnerClass(), runnerClass({ name: 'b' })], ...by },
      holds: ['1 waiting-for-github'],
    })),
    {
      title: 'backing-off where every other class that fits is full',
      seen: {
        github: snapshot(one),
        state: state({ ...busy, failures: [failure({ className: 'b' })] }),
        host: its,
      },
      policy: { classes: [runnerClass({ max: 1 }), runnerClass({ name: 'b' })] },
      holds: ['1 backing-off'],
    },
    {
      title: 'class-at-capacity where the one that failed is full as well',
      seen: { github: snapshot(one), state: state({ ...busy, failures: [failure()] }), host: its },
      policy: full,
      holds: ['1 class-at-capacity'],
    },
    {
      title: 'a back-off that is over is none',
      seen: { github: snapshot(one), state: state({ failures: [failure({ until: NOW })] }) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'host-at-capacity',
      seen: { github: snapshot(one), state: busy, host: its },
      policy: { maxConcurrent: 1 },
      holds: ['1 host-at-capacity'],
    },
    {
      title: 'exactly as many as may be are made',
      seen: { github: snapshot({ jobs: [job(1), job(2), job(3)] }), state: busy, host: its },
      policy: { maxConcurrent: 3 },
      changes: ['reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting', '3 host-at-capacity'],
    },
    {
      title: 'no-free-subnet',
      seen: { github: snapshot({ jobs: [job(1), job(2)] }) },
      policy: { subnets: [100] },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 no-free-subnet'],
    },
    {
      title: 'no-free-subnet when the host or another instance uses them',
      seen: {
        github: snapshot(one),
        state: state({ instances: [instance('j7', { phase: 'busy', subnet: 100 })] }),
        host: host({ containers: [container('j7')], subnetsInUse: [101] }),
      },
      policy: { subnets: [100, 101] },
      holds: ['1 no-free-subnet'],
    },
    {
      title: 'a name that the host takes is not given',
      seen: { github: snapshot(one), host: host({ namesInUse: ['j1'], containers: [container('j1a')] }) },
      changes: ['reserve j1b'],
      effects: ['start j1b'],
      holds: ['1 starting'],
    },
    {
      title: 'a job waits while all its names are in use',
      seen: {
        github: snapshot(one),
        host: host({ namesInUse: ['j1', ...'abcdefghijklmnopqrstuvwxyz'.split('').map((it) => `j1${it}`)] }),
      },
      holds: ['1 host-at-capacity'],
    },
  ]);

  const reasons: readonly [string, Row['seen'], Row['policy']][] = [
    ['draining', { draining: true }, {}],
    ['rate-limited', { github: snapshot({ ...one, ...unanswered, limitedUntil: LIMIT }) }, {}],
    ['github-unreachable', { github: snapshot(one, unanswered) }, {}],
    ['backing-off', { host: { ok: false, why: '' } }, {}],
    [
      'disk-low',
      {
        host: {
          ...its,
          value: { ...(its.ok ? its.value : nothing.ok ? nothing.value : its), freeDisk: 0 },
        } as never,
      },
      {},
    ],
    ['host-at-capacity', {}, { maxConcurrent: 1 }],
    ['class-at-capacity', {}, full],
    ['backing-off', { state: { ...busy, failures: [failure()] } }, {}],
    ['no-free-subnet', {}, { subnets: [100] }],
  ];

  it.each(reasons.map(([reason], at) => ({ reason, at })))(
    '$reason comes before all that follow it',
    ({ reason, at }) => {
      // What stands first in the list is laid over all that follows it.
      const rows = reasons.slice(at).reverse();
      const base: Row['seen'] = { github: snapshot(one), state: busy, host: its };
      const observed: Row['seen'] = Object.assign({}, base, ...rows.map(([, more]) => more));
      const by: Row['policy'] = Object.assign({}, ...rows.map(([, , rule]) => rule));
      expect(planned(observed, by).holds).toEqual([`1 ${reason}`]);
    },
  );
});
