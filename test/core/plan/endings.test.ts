import { describe, expect, it } from 'vitest';

import type { Known } from '../../../src/core/known/known.ts';
import type { Instance } from '../../../src/core/model.ts';
import { deadlineOf } from '../../../src/core/plan/endings.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Row } from '../../support/builders.ts';
import {
  UNASKED,
  UNREAD_HOST,
  container,
  draws,
  host,
  HOUR,
  instance,
  job,
  MINUTE,
  NOW,
  planned,
  policy,
  runner,
  runnerClass,
  runnerOf,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
} from '../../support/builders.ts';
import type { UnreadPart } from '../../support/polls.ts';
import { check } from './check.ts';

const STOP = { reason: 'operator', clean: true, detail: '' } as const;

describe('deadlineOf', () => {
  it.each<{ readonly title: string; readonly over: Partial<Instance>; readonly is: number | null }>([
    { title: 'a promise has none of its own', over: { phase: 'reserved' }, is: null },
    { title: 'a start has the start-up time-out', over: { phase: 'starting' }, is: 3 * MINUTE },
    {
      title: 'and the time that GitHub did not answer for',
      over: { phase: 'starting', unansweredFor: MINUTE },
      is: 4 * MINUTE,
    },
    { title: 'an idle one has the idle time-out', over: { phase: 'idle' }, is: 5 * MINUTE },
    {
      title: 'and the time that GitHub did not answer for',
      over: { phase: 'idle', unansweredFor: MINUTE },
      is: 6 * MINUTE,
    },
    {
      title: 'a busy one has the job time-out of its class',
      over: { phase: 'busy', className: 'big' },
      is: HOUR,
    },
    {
      title: 'whether or not GitHub answers',
      over: { phase: 'busy', className: 'big', unansweredFor: MINUTE },
      is: HOUR,
    },
    {
      title: 'that of a class that is no more is the general one',
      over: { phase: 'busy', className: 'old' },
      is: 2 * HOUR,
    },
    {
      title: 'a clean stop is cut short after a minute',
      over: { phase: 'stopping', stop: STOP },
      is: MINUTE,
    },
    { title: 'any other is not waited for', over: { phase: 'stopping' }, is: null },
  ])('$title', ({ over, is }) => {
    const classes = [runnerClass(), runnerClass({ name: 'big', jobTimeout: HOUR })];
    const by = policy({ classes, startupTimeout: 3 * MINUTE, idleTimeout: 5 * MINUTE });
    expect(deadlineOf(instance('j1', { since: 0, ...over }), by)).toBe(is);
  });
});

const OLD = NOW - 5 * MINUTE;
const BLIND = { scope: SCOPE, what: 'jobs', runId: null, why: '' } as const;

/** One instance as long in its phase as it may be, with its container, and a job that needs it. */
function late(over: Partial<Instance>, more: Row['seen'] = {}): Row['seen'] {
  return {
    state: state({ instances: [instance('j1', { since: OLD, ...over })] }),
    host: host({ containers: [container('j1')] }),
    github: snapshot({ jobs: [job(1)] }),
    ...more,
  };
}

/** A part that was read two minutes ago, and not since. */
const unread = (over: Partial<UnreadPart>) =>
  snapshot(
    { askedAt: NOW - 2 * MINUTE, jobs: [job(1)] },
    { jobs: [job(1)], unread: [{ scope: SCOPE, what: 'jobs', runId: 1, why: '502', ...over }] },
  );

describe('time-outs', () => {
  const starts = ['1 starting'];
  const waits = ['1 waiting-for-github'];

  check([
    {
      title: 'a start that took too long is asked to go, and nothing is stopped yet',
      seen: late({ phase: 'starting' }),
      effects: ['retire j1 never-online'],
      holds: starts,
    },
    {
      title: 'even one that GitHub never listed',
      seen: late({ phase: 'starting', runnerId: null }),
      effects: ['retire j1 never-online'],
      holds: starts,
    },
    {
      title: 'an idle one is asked to go, whatever is queued',
      seen: late({}),
      effects: ['retire j1 idle-timeout'],
      holds: waits,
    },
    {
      title: 'one whose id is unknown is asked for by its name',
      seen: late({ runnerId: null }),
      effects: ['retire j1 idle-timeout'],
      holds: waits,
    },
    { title: 'one millisecond before, nothing', seen: late({ since: OLD + 1 }), holds: waits },
    { title: 'unanswered time is added', seen: late({ unansweredFor: 1 }), holds: waits },
    {
      title: 'a run that cannot be read keeps nothing',
      seen: late({}, { github: unread({}) }),
      effects: ['retire j1 idle-timeout'],
      holds: waits,
    },
    {
      title: 'an unread list of runners keeps it',
      seen: late({}, { github: unread({ what: 'runners' }) }),
      holds: waits,
    },
    {
      title: 'nor do lists of runs',
      seen: late({}, { github: unread({ runId: null }) }),
      effects: ['retire j1 idle-timeout'],
      holds: waits,
    },
    {
      title: 'a limit keeps it',
      seen: late({}, { github: snapshot({ jobs: [job(1)], limitedUntil: NOW + 1 }) }),
      holds: waits,
    },
    {
      title: 'a list of runners from before the phase keeps it',
      seen: late({ since: NOW - SECOND }, { github: snapshot({ jobs: [job(1)] }), draining: false }),
      holds: waits,
    },
    { title: 'before the first poll, nothing', seen: late({}, { github: UNASKED }) },
    {
      title: 'a list of runners that is older than a minute keeps it',
      seen: late({}, { github: snapshot({ askedAt: NOW - MINUTE - 1, jobs: [job(1)] }) }),
      holds: waits,
    },
    {
      title: 'a younger one does not',
      seen: late({}, { github: snapshot({ askedAt: NOW - MINUTE, jobs: [job(1)] }) }),
      effects: ['retire j1 idle-timeout'],
      holds: waits,
    },
    {
      title: 'the first answer after a gap puts the deadline off by the gap',
      seen: late(
        {},
        {
          state: state({
            instances: [instance('j1', { since: OLD })],
            answeredAt: { [SCOPE]: NOW - 2 * MINUTE },
          }),
        },
      ),
      holds: waits,
    },
    {
      title: 'one that an effect is at work on is left alone',
      seen: late({}, { inFlight: new Set(['j1']) }),
      holds: waits,
    },
    {
      title: 'a promise has no time-out',
      seen: { ...late({ phase: 'reserved' }, { host: UNREAD_HOST }) },
      holds: starts,
    },
  ]);
});

describe('a rebuild of the host', () => {
  const built = { ...policy(), classes: [runnerClass({ system: '/nix/store/new' })] };
  const waits = (over: Partial<Instance>, more: Row['seen'] = {}) =>
    planned(late({ since: NOW - MINUTE, system: '/nix/store/old', ...over }, more), built).effects;

  it.each<{
    readonly title: string;
    readonly over?: Partial<Instance>;
    readonly more?: Row['seen'];
    readonly is: string[];
  }>([
    { title: 'retires a runner that idles in the system from before', is: ['retire j1 not-needed'] },
    { title: 'leaves one in the new system', over: { system: '/nix/store/new' }, is: [] },
    { title: 'leaves one that works', over: { phase: 'busy' }, more: { github: snapshot({}) }, is: [] },
    { title: 'leaves one whose system is not known', over: { system: null }, is: [] },
    {
      title: 'leaves all while GitHub does not list the runners',
      more: { github: snapshot({ unread: [{ ...BLIND, what: 'runners' }] }) },
      is: [],
    },
  ])('$title', ({ over = {}, more = {}, is }) => {
    expect(waits(over, more)).toEqual(is);
  });
});

describe('the job time-out', () => {
  const RUNNING = { id: null, runId: 1, runAttempt: 1, repository: SCOPE };
  const over = late({ phase: 'busy', job: RUNNING, since: NOW - 2 * HOUR }, { github: snapshot({}) });

  check([
    {
      title: 'ends a job, asking first',
      seen: over,
      changes: ['stop j1 job-timeout'],
      effects: ['destroy j1 cleanly'],
    },
    {
      title: 'not a millisecond before',
      seen: late({ phase: 'busy', job: RUNNING, since: NOW - 2 * HOUR + 1 }, { github: snapshot({}) }),
    },
    {
      title: 'while GitHub does not answer too',
      seen: { ...over, github: snapshot({ unread: [{ scope: SCOPE, what: 'jobs', runId: null, why: '' }] }) },
      changes: ['stop j1 job-timeout'],
      effects: ['destroy j1 cleanly'],
    },
    {
      title: 'not a millisecond before, then',
      seen: late(
        { phase: 'busy', job: RUNNING, since: NOW - 2 * HOUR + 1 },
        { github: snapshot({ unread: [{ scope: SCOPE, what: 'jobs', runId: null, why: '' }] }) },
      ),
    },
    {
      title: 'before GitHub was ever asked',
      seen: { ...over, github: UNASKED },
      changes: ['stop j1 job-timeout'],
      effects: ['destroy j1 cleanly'],
    },
    {
      title: 'while the host cannot be read it is decided, and nothing is done yet',
      seen: { ...over, host: UNREAD_HOST },
      changes: ['stop j1 job-timeout'],
    },
    { title: 'an effect under way comes first', seen: { ...over, inFlight: new Set(['j1']) } },
  ]);
});

describe('endings', () => {
  const github = snapshot({ askedAt: NOW - MINUTE });
  const ending = (over: Partial<Instance>, more: Row['seen'] = {}): Row['seen'] => ({
    state: state({ instances: [instance('j1', { phase: 'stopping', ...over })] }),
    github,
    ...more,
  });
  const there = (over: Parameters<typeof container>[1] = {}) => host({ containers: [container('j1', over)] });

  check([
    {
      title: 'what is still there is destroyed',
      seen: ending({}, { host: there() }),
      effects: ['destroy j1'],
    },
    {
      title: 'one that may be busy is asked first',
      seen: ending({ stop: STOP, since: NOW - MINUTE + 1 }, { host: there() }),
      effects: ['destroy j1 cleanly'],
    },
    {
      title: 'one that was asked a minute ago is asked no more',
      seen: ending({ stop: STOP, since: NOW - MINUTE }, { host: there() }),
      effects: ['destroy j1'],
    },
    {
      title: 'one that is over need not be asked',
      seen: ending({ stop: STOP, since: NOW - SECOND }, { host: there({ state: 'ended' }) }),
      effects: ['destroy j1'],
    },
    { title: 'what is gone is let go', seen: ending({}), changes: ['release j1'] },
    { title: 'what cannot be seen is neither', seen: ending({}, { host: UNREAD_HOST }) },
    {
      title: 'an effect under way comes first',
      seen: ending({}, { host: there(), inFlight: new Set(['j1']) }),
    },
    { title: 'even where nothing is left', seen: ending({}, { inFlight: new Set(['j1']) }) },
    {
      title: 'a container that vanished frees slot, subnet and name in the same tick',
      seen: {
        state: state({ instances: [instance('j1', { phase: 'busy', forJob: 1 })] }),
        github: snapshot({ jobs: [job(1)] }),
      },
      policy: { maxConcurrent: 1, subnets: [100] },
      changes: ['stop j1 vanished', 'release j1', 'reserve j1'],
      effects: ['deregister-orphan ci01-j1-7f2a0000', 'start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'while it still exists it holds all three',
      seen: {
        state: state({ instances: [instance('j1', { phase: 'stopping' })] }),
        host: there(),
        github: snapshot({ jobs: [job(1)] }),
      },
      policy: { maxConcurrent: 1 },
      effects: ['destroy j1'],
      holds: ['1 host-at-capacity'],
    },
  ]);

  it.each([
    { reason: 'job-finished' as const, registered: true, nextTry: [NOW + 30 * SECOND] },
    { reason: 'exited-idle' as const, registered: true, nextTry: [NOW + 30 * SECOND] },
    { reason: 'vanished' as const, registered: true, nextTry: [NOW] },
    { reason: 'died-starting' as const, registered: true, nextTry: [NOW] },
    { reason: 'drained' as const, registered: false, nextTry: [] },
  ])('$reason, registered $registered, leaves a debt due at $nextTry', ({ reason, registered, nextTry }) => {
    const stop = { reason, clean: false, detail: '' };
    const { state: is } = plan(seen(ending({ stop, registered })), policy(), NOW, draws());
    expect(is.instances).toEqual([]);
    expect(is.debts.map((it) => it.nextTry)).toEqual(nextTry);
  });
});

describe('drain', () => {
  const drained = (over: Partial<Instance>, more: Row['seen'] = {}): Row['seen'] => ({
    state: state({ instances: [instance('j1', over)] }),
    host: host({ containers: [container('j1')] }),
    github: snapshot({ jobs: [job(1), job(2)], runners: [runner('j1')] }),
    draining: true,
    ...more,
  });

  check([
    {
      title: 'retires one that idles at once, and takes no new job',
      seen: drained({}),
      effects: ['retire j1 drained'],
      holds: ['1 waiting-for-github', '2 draining'],
    },
    {
      title: 'retires one that starts',
      seen: drained({ phase: 'starting' }, { github: snapshot({ jobs: [job(1)] }) }),
      effects: ['retire j1 drained'],
      holds: ['1 starting'],
    },
    {
      title: 'retires while GitHub answers only in part: it is asked',
      seen: drained({}, { github: unread({}) }),
      effects: ['retire j1 drained'],
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'leaves a job alone',
      seen: drained({ phase: 'busy', forJob: 9 }),
      holds: ['1 draining', '2 draining'],
    },
    {
      title: 'asks for a runner whose id is unknown by its name',
      seen: drained({ runnerId: null }, { github: snapshot({ jobs: [job(1)] }) }),
      effects: ['retire j1 drained'],
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'leaves an ending and an effect under way alone',
      seen: drained({}, { inFlight: new Set(['j1']), github: snapshot({ jobs: [job(1)] }) }),
      holds: ['1 waiting-for-github'],
    },
  ]);

  it('asks each runner once, though nobody needs it either', () => {
    const is = planned(drained({}, { github: snapshot({ runners: [runner('j1')] }) }));
    expect(is.effects).toEqual(['retire j1 drained']);
  });

  it('its word for the wait is said of every job alike', () => {
    expect(runnerOf('j1')).toBe('ci01-j1-7f2a0000');
    expect(planned({ draining: true, github: snapshot({ jobs: [job(1), job(2)] }) }).holds).toEqual([
      '1 draining',
      '2 draining',
    ]);
  });
});

describe('one that is busy by a refusal alone', () => {
  const one = (over: Partial<Instance> = {}): Instance =>
    instance('j1', { phase: 'busy', since: NOW - HOUR, refusedAt: NOW - 5 * MINUTE, ...over });
  const listed = (ago: number, busy: boolean) => ({
    askedAt: NOW - ago,
    runners: [runner('j1', { busy })],
  });
  const idle = [listed(61 * SECOND, false), listed(SECOND, false)];

  it.each<{
    readonly title: string;
    readonly over?: Partial<Instance>;
    readonly github?: Known;
    readonly asked: boolean;
  }>([
    { title: 'is asked to go again at its next time-out', asked: true },
    { title: 'no earlier', over: { refusedAt: NOW - 5 * MINUTE + 1 }, asked: false },
    {
      title: 'two minutes later, if lists have called it not busy for a minute',
      over: { refusedAt: NOW - 2 * MINUTE },
      github: snapshot(...idle),
      asked: true,
    },
    {
      title: 'but no earlier than that',
      over: { refusedAt: NOW - 2 * MINUTE + 1 },
      github: snapshot(...idle),
      asked: false,
    },
    {
      title: 'a list that calls it busy in between begins that minute anew',
      over: { refusedAt: NOW - 2 * MINUTE },
      github: snapshot(listed(90 * SECOND, false), listed(50 * SECOND, true), listed(SECOND, false)),
      asked: false,
    },
    {
      title: 'one list alone is not enough',
      over: { refusedAt: NOW - 2 * MINUTE },
      github: snapshot(listed(SECOND, false)),
      asked: false,
    },
    {
      title: 'not when a hook has told of a job',
      over: { job: { id: null, runId: 1, runAttempt: 1, repository: SCOPE } },
      asked: false,
    },
    {
      title: 'not while its list of runners is an old one',
      github: snapshot({ askedAt: NOW - MINUTE - 1 }),
      asked: false,
    },
    { title: 'a ledger of before knows the phase alone', over: { refusedAt: null }, asked: true },
  ])('$title', ({ over, github = snapshot({}), asked }) => {
    const seen = late({}, { github, state: state({ instances: [one(over)] }) });
    expect(planned(seen).effects).toEqual(asked ? ['retire j1 idle-timeout'] : []);
  });

  it('has its job time-out from when a job is first known to have begun', () => {
    const by = policy({ jobTimeout: HOUR, classes: [] });
    const stages = { ...one().stages, busyAt: NOW };
    expect(deadlineOf(one({ stages }), by)).toBe(NOW + HOUR);
    expect(deadlineOf(one(), by)).toBe(NOW);
  });
});
