import { describe, expect, it } from 'vitest';

import type { Observed } from '../../../src/core/plan/observed.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Row } from '../../support/builders.ts';
import {
  container,
  draws,
  failure,
  host,
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
  seen,
  snapshot,
  state,
  suspect,
} from '../../support/builders.ts';
import { check } from './check.ts';

const OTHER = 'o/s';
const one = snapshot({ jobs: [job(1)] });
const made = { changes: ['reserve j1'], effects: ['start j1'], holds: ['1 starting'] };

describe('whether a job ran in a container that ended without one', () => {
  const r9 = runnerOf('j9');
  /** Job 1 waits, and the container j9 that was made for it has ended. */
  const asked = (over: Parameters<typeof suspect>[1] = {}, more: Row['seen'] = {}): Row['seen'] => ({
    state: state({ suspects: [suspect('j9', { forJob: 1, ...over })] }),
    github: one,
    ...more,
  });
  const failed = { changes: [`settled ${r9} had none`, 'failed default'], holds: ['1 backing-off'] };
  /** Its wait is over by the time that it is judged. */
  const failedLate = { ...made, changes: [...failed.changes, 'reserve j1'] };
  const waits = { holds: ['1 backing-off'] };
  const unread = (scope: string, runId: number | null) =>
    ({ unread: [{ scope, what: 'jobs', runId, why: '502' }] }) as const;

  check([
    { title: 'no, if a read after its end names nobody: its start has failed', seen: asked(), ...failedLate },
    {
      title: 'yes, if a job names its runner',
      seen: asked(
        {},
        { github: snapshot({ jobs: [job(5, { status: 'completed', runnerName: r9 }), job(1)] }) },
      ),
      ...made,
      changes: [`settled ${r9} had a job`, 'reserve j1'],
    },
    {
      title: 'yes, by a read that began before its end too',
      seen: asked(
        { endedAt: NOW },
        { github: snapshot({ jobs: [job(5, { status: 'in_progress', runnerName: r9 }), job(1)] }) },
      ),
      ...made,
      changes: [`settled ${r9} had a job`, 'reserve j1'],
    },
    { title: 'nobody knows by a read that began before its end', seen: asked({ endedAt: NOW }), ...waits },
    {
      title: "of one that exits well nobody knows within GitHub's lag",
      seen: asked({ endedAt: NOW - 31 * SECOND }),
      ...waits,
    },
    {
      title: 'of one that exits well it is known after that',
      seen: asked({ endedAt: NOW - 31 * SECOND - 1 }),
      ...failedLate,
    },
    {
      title: 'one that died before it was online needs no such patience',
      seen: asked({ reason: 'died-starting', endedAt: NOW - SECOND - 1 }),
      ...failed,
    },
    {
      title: 'nor does one that was not online in time',
      seen: asked({ reason: 'never-online', endedAt: NOW - SECOND - 1 }),
      ...failed,
    },
    {
      title:
        'one that exits well while its job went elsewhere may have had one that came and went between reads',
      seen: asked({ forJob: 7 }),
      ...made,
      changes: [`settled ${r9} had none`, 'reserve j1'],
    },
    {
      title: 'not so one that died',
      seen: asked({ reason: 'died-starting', forJob: 7 }),
      ...failedLate,
    },
    {
      title: "a job that GitHub's list lacks once waits still",
      seen: asked({}, { github: snapshot({ askedAt: NOW - MINUTE, jobs: [job(1)] }, {}) }),
      changes: [`settled ${r9} had none`, 'failed default'],
    },
    {
      title: 'nobody knows while GitHub answers nobody',
      seen: asked(
        {},
        {
          github: snapshot(
            { askedAt: NOW - 3 * MINUTE, jobs: [job(1)] },
            { limitedUntil: NOW + 1, ...unread(SCOPE, null) },
          ),
        },
      ),
      holds: ['1 rate-limited'],
    },
    {
      title: 'nor while its scope does not answer',
      seen: asked(
        {},
        { github: snapshot({ askedAt: NOW - 3 * MINUTE, jobs: [job(1)] }, unread(SCOPE, null)) },
      ),
      ...waits,
    },
    {
      title: 'a run that cannot be read is no hindrance',
      seen: asked(
        {},
        {
          github: snapshot({ jobs: [job(1), job(9, { runId: 4, labels: ['other'] })], ...unread(SCOPE, 4) }),
        },
      ),
      ...failedLate,
    },
    {
      title: 'another scope that goes unread is no hindrance',
      seen: asked(
        {},
        { github: snapshot({ scopes: [SCOPE, OTHER], jobs: [job(1)], ...unread(OTHER, null) }) },
      ),
      ...failedLate,
    },
    {
      title: 'a class that is gone has failed nobody',
      seen: asked({ className: 'old' }),
      ...made,
      changes: [`settled ${r9} had none`, 'reserve j1'],
    },
    {
      title: 'nor has one that has another system now',
      seen: asked({ system: '/nix/store/old' }),
      policy: { classes: [runnerClass({ system: '/nix/store/new' })] },
      ...made,
      changes: [`settled ${r9} had none`, 'reserve j1'],
    },
    {
      title: 'until it is known its job waits, and no other',
      seen: asked({ endedAt: NOW }, { github: snapshot({ jobs: [job(1), job(2)] }) }),
      changes: ['reserve j2'],
      effects: ['start j2'],
      holds: ['1 backing-off', '2 starting'],
    },
    {
      title: 'nor another attempt of it',
      seen: asked({ endedAt: NOW, forAttempt: 7 }),
      ...made,
    },
    {
      title: 'an idle runner serves its job meanwhile',
      seen: asked(
        {},
        {
          state: state({
            suspects: [suspect('j9', { forJob: 1, endedAt: NOW })],
            instances: [instance('j7')],
          }),
          host: host({ containers: [container('j7')] }),
        },
      ),
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'a runner whose own job went elsewhere counts as having had another until GitHub is read',
      seen: asked({ endedAt: NOW, forJob: 7 }),
    },
    {
      title: 'and no runner is given up on that guess',
      seen: {
        state: state({ suspects: [suspect('j9', { endedAt: NOW })], instances: [instance('j7')] }),
        host: host({ containers: [container('j7')] }),
      },
    },
  ]);

  it('waits in words that say what ended and how', () => {
    const [hold] = plan(
      seen(asked({ endedAt: NOW, detail: 'exit 3: no space' })),
      policy(),
      NOW,
      draws(),
    ).holds;
    expect(hold?.detail).toBe('j9 ended and no job was seen in it; GitHub is asked: exit 3: no space');
  });

  it('each start fails once, and those that were under way together count once', () => {
    const suspects = [suspect('j8', { forJob: 1 }), suspect('j9', { forJob: 1 })];
    const first = plan(seen({ state: state({ suspects }), github: one }), policy(), NOW, draws()).state;
    expect([first.suspects, first.failures.map(({ count }) => count)]).toEqual([[], [1]]);
  });
});

describe('a class that fails in a scope', () => {
  const failing = (
    over: Parameters<typeof failure>[0] = {},
    more: Partial<Observed['state']> = {},
  ): Row['seen'] => ({
    state: state({ failures: [failure(over)], ...more }),
    host: host({ containers: (more.instances ?? []).map(({ name }) => container(name)) }),
    github: snapshot({ jobs: [job(1), job(2)] }),
  });
  const due = { until: NOW };
  const since = (name: string, at: number, over: Parameters<typeof instance>[1] = {}) =>
    instance(name, { since: at, ...over });

  check([
    { title: 'backs off there', seen: failing(), holds: ['1 backing-off', '2 backing-off'] },
    {
      title: 'is tried once, however many jobs wait',
      seen: failing(due),
      ...made,
      holds: ['1 starting', '2 backing-off'],
    },
    {
      title: 'is tried by nothing else while the one try is reserved',
      seen: failing(due, { instances: [since('j7', NOW - SECOND, { phase: 'reserved', forJob: 1 })] }),
      changes: ['started j7', 'ready j7'],
      holds: ['1 starting', '2 backing-off'],
    },
    {
      title: 'is tried by nothing else while the one try is starting',
      seen: failing(due, { instances: [since('j7', NOW - SECOND, { phase: 'starting', forJob: 1 })] }),
      holds: ['1 starting', '2 backing-off'],
    },
    {
      title: 'is tried by nothing else while the one try is idle',
      seen: failing(due, { instances: [since('j7', NOW - SECOND, { phase: 'idle', forJob: 1 })] }),
      holds: ['1 waiting-for-github', '2 backing-off'],
    },
    {
      title: 'nor while it is not known of the try whether it had a job',
      seen: failing(due, { suspects: [suspect('j7', { forJob: 9, madeAt: NOW - SECOND, endedAt: NOW })] }),
      holds: ['2 backing-off'],
    },
    {
      title: 'is tried though a start from before the failure goes on',
      seen: failing(due, { instances: [since('j7', NOW - MINUTE, { phase: 'starting', forJob: 1 })] }),
      changes: ['reserve j2'],
      effects: ['start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'is tried though the last try is being removed',
      seen: failing(due, { instances: [since('j7', NOW - SECOND, { phase: 'stopping' })] }),
      ...made,
      effects: ['destroy j7', 'start j1'],
      holds: ['1 starting', '2 backing-off'],
    },
    {
      title: 'leaves its jobs to the next class that fits',
      seen: failing(),
      policy: { classes: [runnerClass(), runnerClass({ name: 'b' })] },
      changes: ['reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'leaves them to it during the one try too',
      seen: failing(due),
      policy: { classes: [runnerClass(), runnerClass({ name: 'b' })] },
      changes: ['reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'is forgiven after an hour without failure',
      seen: failing({ lastAt: NOW - HOUR, until: NOW + MINUTE }),
      changes: ['failures-cleared default', 'reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'not a millisecond before',
      seen: failing({ lastAt: NOW - HOUR + 1 }),
      holds: ['1 backing-off', '2 backing-off'],
    },
    {
      title: 'is forgiven once its labels have changed',
      seen: failing(),
      policy: { classes: [runnerClass({ labels: ['ci', 'new'] })] },
      changes: ['failures-cleared default', 'reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'is forgiven once its system has changed',
      seen: failing(),
      policy: { classes: [runnerClass({ system: '/nix/store/new' })] },
      changes: ['failures-cleared default', 'reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'is the same with its labels in another order and case, or another maximum',
      seen: failing(),
      policy: { classes: [runnerClass({ labels: ['CI', 'self-hosted'], max: 3 })] },
      holds: ['1 backing-off', '2 backing-off'],
    },
    {
      title: 'that is configured no more is kept for its hour',
      seen: { state: state({ failures: [failure({ className: 'old' })] }) },
    },
  ]);

  it('of several tries in one plan there is one', () => {
    const observed = seen({ ...failing(due), github: snapshot({ jobs: [job(1), job(2), job(3)] }) });
    const { holds, changes } = plan(observed, policy(), NOW, draws());
    expect(changes.filter(({ kind }) => kind === 'reserve')).toHaveLength(1);
    expect(holds.map(({ detail }) => detail)).toEqual([
      'j1 is reserved',
      'j1 is tried alone: no',
      'j1 is tried alone: no',
    ]);
  });

  it('says when the next try is, and what failed', () => {
    const [hold] = plan(
      seen(failing({ until: NOW + 4_001, detail: 'exit 1: no such file' })),
      policy(),
      NOW,
      draws(),
    ).holds;
    expect(hold?.detail).toBe('next try in 5 s: exit 1: no such file');
  });
});
