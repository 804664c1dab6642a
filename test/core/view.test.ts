import { describe, expect, it } from 'vitest';

import type { Given, State } from '../../src/core/model.ts';
import type { Hold } from '../../src/core/policy.ts';
import type { Moment } from '../../src/core/view.ts';
import { containerView, healthReasons, iso, statusView } from '../../src/core/view.ts';
import {
  debt,
  failure,
  HOUR,
  instance,
  job,
  MINUTE,
  NOW,
  policy,
  runnerClass,
  runnerOf,
  SCOPE,
  SECOND,
  snapshot,
  state,
  UNASKED,
  WALL,
} from '../support/builders.ts';

function moment(over: Partial<Moment> = {}): Moment {
  return {
    now: NOW,
    wall: WALL,
    startedAt: NOW - HOUR,
    state: state(),
    holds: [],
    draining: false,
    github: snapshot(),
    lastTick: NOW - SECOND,
    engineReadable: true,
    rateLimit: null,
    requests: REQUESTS,
    version: '0.1.0',
    ...over,
  };
}

const REQUESTS = {
  sent: 412,
  counted: 9,
  notModified: 403,
  byPurpose: { observation: 408, registration: 2, cleanup: 2 },
};
const SHOWN = {
  last_hour: {
    sent: 412,
    counted: 9,
    not_modified: 403,
    by_purpose: { observation: 408, registration: 2, cleanup: 2 },
  },
};

it('times are whole seconds in UTC', () => {
  expect(iso(WALL + 999)).toBe('2026-11-20T12:00:00Z');
});

describe('statusView', () => {
  it('has every key with nothing to show', () => {
    expect(statusView(moment({ github: UNASKED }), policy())).toEqual({
      active_containers: [],
      max_concurrent: 7,
      poll_interval_seconds: 10,
      job_timeout_seconds: 7200,
      queue: [],
      debts: [],
      github: {
        last_poll: null,
        last_good_poll: null,
        ok: false,
        rate_limit: null,
        problems: [],
        requests: SHOWN,
      },
      draining: false,
      version: '0.1.0',
      uptime_seconds: 3600,
    });
  });

  it('has every key with something to show', () => {
    const one = instance('j1', {
      phase: 'busy',
      forJob: 41_234_567_890,
      subnet: 117,
      system: '/nix/store/x',
      since: NOW - MINUTE,
      job: { id: 41_234_567_891, runId: 1, runAttempt: 1, repository: 'o/r' },
    });
    const holds = [
      { job: job(2), reason: 'starting', detail: 'j2 is reserved' } as const,
      {
        job: job(1, { labels: ['gpu'] }),
        reason: 'no-matching-class',
        detail: 'no class offers: gpu',
      } as const,
    ];
    const debts = [debt('j8', { reason: 'GitHub refuses: busy', nextTry: NOW + MINUTE }), debt('j9')];
    const rateLimit = { limit: 5000, remaining: 4990, resetsAt: WALL + HOUR };
    const is = statusView(
      moment({ state: state({ instances: [one], debts }), holds, rateLimit, draining: true }),
      policy({ jobTimeout: 3 * HOUR }),
    );
    expect(is).toEqual({
      active_containers: [
        {
          name: 'j1',
          job_id: 41_234_567_890,
          running_seconds: 60,
          class: 'default',
          phase: 'busy',
          since: '2026-11-20T11:59:00Z',
          runner_name: runnerOf('j1'),
          runner_id: 77,
          running_job_id: 41_234_567_891,
          subnet: '192.168.117.0/24',
          address: '192.168.117.2',
          system: '/nix/store/x',
          deadline: '2026-11-20T13:59:00Z',
        },
      ],
      max_concurrent: 7,
      poll_interval_seconds: 10,
      job_timeout_seconds: 10_800,
      queue: [
        {
          job_id: 1,
          repository: 'o/r',
          labels: ['gpu'],
          queued_at: '2026-11-20T11:00:00Z',
          waiting: { reason: 'no-matching-class', detail: 'no class offers: gpu' },
        },
        {
          job_id: 2,
          repository: 'o/r',
          labels: ['ci'],
          queued_at: '2026-11-20T11:00:00Z',
          waiting: { reason: 'starting', detail: 'j2 is reserved' },
        },
      ],
      debts: [
        {
          runner_name: runnerOf('j8'),
          runner_id: 77,
          since: '2026-11-20T11:59:00Z',
          reason: 'GitHub refuses: busy',
          next_try: '2026-11-20T12:01:00Z',
        },
      ],
      github: {
        last_poll: '2026-11-20T11:59:59Z',
        last_good_poll: '2026-11-20T11:59:59Z',
        ok: true,
        rate_limit: { limit: 5000, remaining: 4990, resets_at: '2026-11-20T13:00:00Z' },
        problems: [],
        requests: SHOWN,
      },
      draining: true,
      version: '0.1.0',
      uptime_seconds: 3600,
    });
  });
});

it('shows every time as the wall clock has it now, whatever it said when it was noted', () => {
  const one = instance('j1', { phase: 'busy', since: NOW - MINUTE });
  const debts = [debt('j8', { reason: 'busy', nextTry: NOW + MINUTE })];
  const corrected = moment({ wall: WALL + 3 * HOUR, state: state({ instances: [one], debts }) });
  const is = statusView(corrected, policy());
  expect(is.active_containers[0]).toMatchObject({
    running_seconds: 60,
    since: '2026-11-20T14:59:00Z',
    deadline: '2026-11-20T16:59:00Z',
  });
  expect(is.debts[0]).toMatchObject({ since: '2026-11-20T14:59:00Z', next_try: '2026-11-20T15:01:00Z' });
  expect(is.github.last_poll).toBe('2026-11-20T14:59:59Z');
  expect(is.uptime_seconds).toBe(3600);
});

describe('nothing-starts', () => {
  const gpu = runnerClass({ name: 'gpu', labels: ['gpu'] });
  const by = policy({ classes: [runnerClass(), gpu] });
  const hold = (id: number, labels: readonly string[]): Hold => ({
    job: job(id, { labels }),
    reason: 'backing-off',
    detail: '',
  });
  const ci = hold(1, ['ci']);
  const third = failure({ count: 3, thirdAt: NOW - 10 * MINUTE });
  const given = (className: string, at: number, scope = SCOPE): Given => ({ className, scope, at });

  it.each<{
    readonly title: string;
    readonly holds?: readonly Hold[];
    readonly of: Partial<State>;
    readonly is: boolean;
  }>([
    { title: 'ten minutes after the third failure in a row', of: { failures: [third] }, is: true },
    {
      title: 'not a millisecond before',
      of: { failures: [{ ...third, thirdAt: NOW - 10 * MINUTE + 1 }] },
      is: false,
    },
    { title: 'not after two', of: { failures: [failure({ count: 2, lastAt: NOW - HOUR })] }, is: false },
    { title: 'not while no job waits for it', holds: [], of: { failures: [third] }, is: false },
    {
      title: 'not while none of ours waits',
      holds: [hold(1, ['other'])],
      of: { failures: [third] },
      is: false,
    },
    {
      title: 'not once a job has begun in that class elsewhere',
      of: { failures: [third], given: [given('default', NOW - MINUTE, 'o/s')] },
      is: false,
    },
    {
      title: 'though one had begun before',
      of: { failures: [third], given: [given('default', NOW - HOUR)] },
      is: true,
    },
    {
      title: 'though jobs begin in a class that is not wanted',
      of: { failures: [third], given: [given('gpu', NOW)] },
      is: true,
    },
    {
      title: 'not while another class is wanted that does not fail',
      holds: [ci, hold(2, ['gpu'])],
      of: { failures: [third] },
      is: false,
    },
    {
      title: 'if every class fails that is wanted',
      holds: [ci, hold(2, ['gpu'])],
      of: { failures: [third, { ...third, className: 'gpu' }] },
      is: true,
    },
  ])('$title: $is', ({ holds = [ci], of, is }) => {
    expect(healthReasons(moment({ state: state(of), holds }), by)).toEqual(is ? ['nothing-starts'] : []);
  });
});

describe('containerView', () => {
  it('is null where nothing is known yet', () => {
    expect(containerView(instance('j1', { phase: 'reserved' }), policy(), moment())).toMatchObject({
      running_seconds: 0,
      phase: 'reserved',
      runner_id: null,
      running_job_id: null,
      system: null,
      deadline: null,
    });
  });

  it('counts from the start of the container, and since from that of the phase', () => {
    const one = instance('j1', { since: NOW - MINUTE });
    const since = { ...one, stages: { ...one.stages, startedAt: NOW - HOUR - 999 } };
    expect(containerView(since, policy(), moment())).toMatchObject({
      running_seconds: 3600,
      since: '2026-11-20T11:59:00Z',
    });
  });

  it('does not know the job that only a hook told of', () => {
    const hooked = { id: null, runId: 1, runAttempt: 1, repository: 'o/r' };
    expect(
      containerView(instance('j1', { phase: 'busy', job: hooked }), policy(), moment()).running_job_id,
    ).toBeNull();
  });
});

describe('healthReasons', () => {
  const young = { startedAt: NOW - SECOND, github: UNASKED, lastTick: null };

  it.each([
    { title: 'well', over: {}, is: [] },
    { title: 'just started, nothing answered yet', over: young, is: [] },
    { title: 'a poll as old as may be', over: { github: snapshot({ askedAt: NOW - MINUTE }) }, is: [] },
    {
      title: 'a poll that is older',
      over: { github: snapshot({ askedAt: NOW - MINUTE - 1 }) },
      is: ['github-poll-stale'],
    },
    {
      title: 'no poll since the start, long ago',
      over: { ...young, startedAt: NOW - MINUTE - 1, lastTick: NOW },
      is: ['github-poll-stale'],
    },
    { title: 'a tick as old as may be', over: { lastTick: NOW - MINUTE }, is: [] },
    { title: 'a tick that is older', over: { lastTick: NOW - MINUTE - 1 }, is: ['loop-stalled'] },
    { title: 'no tick since the start', over: { lastTick: null }, is: ['loop-stalled'] },
    { title: 'an engine that cannot be read', over: { engineReadable: false }, is: ['engine-unreadable'] },
    {
      title: 'all of it',
      over: { github: UNASKED, lastTick: null, engineReadable: false },
      is: ['github-poll-stale', 'loop-stalled', 'engine-unreadable'],
    },
  ])('$title', ({ over, is }) => {
    expect(healthReasons(moment(over), policy())).toEqual(is);
  });

  it('a slow rhythm may be three polls late', () => {
    const slow = policy({ pollInterval: 10 * MINUTE });
    expect(
      healthReasons(moment({ github: snapshot({ askedAt: NOW - 30 * MINUTE }), lastTick: NOW }), slow),
    ).toEqual([]);
    expect(
      healthReasons(moment({ github: snapshot({ askedAt: NOW - 30 * MINUTE - 1 }), lastTick: NOW }), slow),
    ).toEqual(['github-poll-stale']);
  });
});
