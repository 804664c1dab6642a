import { describe, expect, it } from 'vitest';

import { applyAll } from '../../../src/core/apply/apply.ts';
import type { Change } from '../../../src/core/change.ts';
import type { Instance, Phase, State, StopReason, ClaimedRunner } from '../../../src/core/model.ts';
import { STOP_REASONS } from '../../../src/core/model.ts';
import {
  debt,
  failure,
  ghost,
  HOUR,
  instance,
  MINUTE,
  NOW,
  runnerOf,
  SCOPE,
  SECOND,
  state,
  suspect,
  WALL,
} from '../../support/builders.ts';

function apply(before: State, change: Change): State {
  return applyAll(before, [change]);
}

const PHASES: readonly Phase[] = ['reserved', 'starting', 'idle', 'busy', 'stopping'];

function stopped(over: Partial<Extract<Change, { kind: 'stop' }>> = {}): Extract<Change, { kind: 'stop' }> {
  return {
    kind: 'stop',
    name: 'j1',
    reason: 'not-needed',
    clean: false,
    detail: 'why',
    at: NOW,
    deregistered: false,
    ...over,
  };
}

function after(change: Change, over: Partial<Instance> = {}, more: Partial<State> = {}): State {
  return apply(state({ instances: [instance('j1', over)], ...more }), change);
}

/** The instance after a change, which must have stayed. */
function one(change: Change, over: Partial<Instance> = {}): Instance {
  const [it] = after(change, over).instances;
  if (it === undefined) throw new Error('the instance is gone');
  return it;
}

const RUNNING = { id: 9, runId: 4, runAttempt: 1, repository: 'o/r' };
const busy: Change = { kind: 'busy', name: 'j1', at: NOW, job: null };
const online: Change = { kind: 'online', name: 'j1', at: NOW };

describe('phases', () => {
  it.each<{ readonly change: Change; readonly to: Phase; readonly from: readonly Phase[] }>([
    { change: { kind: 'started', name: 'j1', at: NOW }, to: 'starting', from: ['reserved'] },
    { change: online, to: 'idle', from: ['reserved', 'starting'] },
    { change: busy, to: 'busy', from: ['reserved', 'starting', 'idle'] },
    { change: stopped(), to: 'stopping', from: ['reserved', 'starting', 'idle', 'busy'] },
  ])('$change.kind leads to $to from $from and from nowhere else', ({ change, to, from }) => {
    for (const phase of PHASES) {
      const is = one(change, { phase });
      expect(is.phase, `from ${phase}`).toBe(from.includes(phase) ? to : phase);
      expect(is.since, `from ${phase}`).toBe(from.includes(phase) ? NOW : NOW - MINUTE);
    }
  });

  it.each<Change>([
    { kind: 'ready', name: 'j1', at: NOW },
    { kind: 'registered', name: 'j1', runnerId: 5 },
    { kind: 'job', name: 'j1', job: { id: 5, runId: 1, runAttempt: 1, repository: 'o/r' }, at: NOW },
    { kind: 'over', name: 'j1', at: NOW },
    { kind: 'answered', scope: SCOPE, at: NOW, slack: MINUTE },
    { kind: 'claim-over', runnerName: 'r' },
  ])('$kind moves nothing', (change) => {
    for (const phase of PHASES) expect(one(change, { phase })).toMatchObject({ phase, since: NOW - MINUTE });
  });

  it('a new phase begins with no unanswered time', () => {
    expect(one(online, { phase: 'starting', unansweredFor: MINUTE }).unansweredFor).toBe(0);
  });

  it.each<Change>([
    { kind: 'started', name: 'j9', at: NOW },
    { kind: 'ready', name: 'j9', at: NOW },
    { kind: 'online', name: 'j9', at: NOW },
    { kind: 'busy', name: 'j9', at: NOW, job: null },
    { kind: 'registered', name: 'j9', runnerId: 1 },
    { kind: 'rename', name: 'j9', runnerName: 'x', at: NOW },
    stopped({ name: 'j9' }),
    { kind: 'release', name: 'j9', at: NOW, grace: 0 },
    { kind: 'debt-cleared', runnerName: 'j9' },
    { kind: 'hold-released', jobId: 9 },
  ])('$kind of what is no longer there changes nothing', (change) => {
    const before = state({ instances: [instance('j1')], debts: [debt('j2')] });
    expect(apply(before, change)).toEqual(before);
  });

  it('never touches the state it was given', () => {
    const before = state({ instances: [instance('j1')] });
    const copy = structuredClone(before);
    applyAll(before, [busy, stopped(), { kind: 'release', name: 'j1', at: NOW, grace: 0 }]);
    expect(before).toEqual(copy);
  });
});

it('tells each change before it is made, with the instance that it names', () => {
  const told: string[] = [];
  const changes: readonly Change[] = [
    busy,
    stopped(),
    { kind: 'hold-released', jobId: 1 },
    stopped({ name: 'j9' }),
  ];
  applyAll(state({ instances: [instance('j1')] }), changes, ({ kind }, is) => {
    told.push(`${kind} ${is?.phase ?? '-'}`);
  });
  expect(told).toEqual(['busy idle', 'stop busy', 'hold-released -', 'stop -']);
});

it('knows no two instances of one name', () => {
  const reserve: Change = { kind: 'reserve', instance: instance('j1') };
  expect(() => apply(state({ instances: [instance('j1')] }), reserve)).toThrow('there is a j1 already');
});

describe('stages', () => {
  it('keeps when each was reached, the first time', () => {
    const path: readonly Change[] = [
      { kind: 'started', name: 'j1', at: 10 },
      { kind: 'ready', name: 'j1', at: 20 },
      { kind: 'ready', name: 'j1', at: 21 },
      { kind: 'online', name: 'j1', at: 30 },
      { kind: 'busy', name: 'j1', at: 40, job: null },
      stopped({ at: 50, reason: 'job-finished', deregistered: true }),
      stopped({ at: 51 }),
      { kind: 'release', name: 'j1', at: 60, grace: 0 },
    ];
    const before = state({ instances: [instance('j1', { phase: 'reserved', since: 5 })] });
    expect(applyAll(before, path).finished[0]?.stages).toEqual({
      queuedAt: WALL - NOW + 5,
      seenAt: 5,
      reservedAt: 5,
      startedAt: 10,
      readyAt: 20,
      onlineAt: 30,
      busyAt: 40,
      endedAt: 50,
      gone: 60,
    });
  });

  it('a runner that is busy before anything else was seen was started and online then', () => {
    expect(one(busy, { phase: 'reserved' }).stages).toMatchObject({
      startedAt: NOW,
      onlineAt: NOW,
      busyAt: NOW,
    });
  });
});

describe('busy', () => {
  it('lowers demand when only a hook or a refusal says so', () => {
    const job = { id: null, runId: 4, runAttempt: 1, repository: 'o/r' };
    expect(after({ ...busy, job }).claimed).toEqual([
      {
        className: 'default',
        scope: 'o/r',
        runnerName: runnerOf('j1'),
        at: NOW,
        endedAt: null,
        forJob: 1,
        runId: 4,
      },
    ]);
    expect(after(busy).claimed).toMatchObject([{ runId: null }]);
  });

  it('lowers no demand when GitHub names the job, for it is queued no more', () => {
    expect(after({ ...busy, job: { id: 9, runId: 4, runAttempt: 1, repository: 'o/r' } }).claimed).toEqual(
      [],
    );
  });

  it('keeps a thousand claimed runners, the newest', () => {
    const names = Array.from({ length: 1_001 }, (_, n) => `j${n + 1}`);
    const before = state({ instances: names.map((name) => instance(name)) });
    const all = names.map((name): Change => ({ kind: 'busy', name, at: NOW, job: null }));
    const { claimed } = applyAll(before, all);
    expect([claimed.length, claimed[0]?.forJob, claimed[999]?.forJob]).toEqual([1_000, 2, 1_001]);
  });

  it('lowers demand once', () => {
    expect(applyAll(after(busy), [busy, busy]).claimed).toHaveLength(1);
  });
});

describe('stop', () => {
  it('keeps the first reason', () => {
    const is = one(stopped({ reason: 'operator' }), { phase: 'stopping' });
    expect(is.stop).toEqual({ reason: 'job-finished', clean: false, detail: 'exit 0' });
  });

  it.each([
    { before: true, later: false, is: false },
    { before: true, later: true, is: true },
    { before: false, later: true, is: false },
  ])('asked cleanly: $before, then $later: $is', ({ before, later, is }) => {
    const first = after(stopped({ clean: before }));
    expect(apply(first, stopped({ clean: later })).instances[0]?.stop?.clean).toBe(is);
  });

  it.each([
    { before: false, later: false, is: true },
    { before: true, later: false, is: false },
    { before: false, later: true, is: false },
    { before: true, later: true, is: false },
  ])('deregistered $before, then $later: still registered $is', ({ before, later, is }) => {
    const first = after(stopped({ deregistered: before }));
    expect(apply(first, stopped({ deregistered: later })).instances[0]?.registered).toBe(is);
  });

  it('does not begin anew', () => {
    expect(one(stopped(), { phase: 'stopping' }).since).toBe(NOW - MINUTE);
  });

  it.each<{ readonly reason: StopReason; readonly is: boolean }>(
    STOP_REASONS.map((reason) => ({
      reason,
      is: ['exited-idle', 'died-starting', 'never-online'].includes(reason),
    })),
  )('$reason may be a failed start: $is', ({ reason, is }) => {
    const { suspects, claimed } = after(stopped({ reason }), { phase: 'starting' });
    expect([suspects.length === 1, claimed]).toEqual([is, []]);
  });

  it('a later reason makes none of one that we ended', () => {
    expect(after(stopped({ reason: 'exited-idle' }), { phase: 'stopping' }).suspects).toEqual([]);
  });

  it('a suspect says what the verdict will need', () => {
    const over = {
      phase: 'starting',
      system: '/nix/store/x',
      forAttempt: 3,
      since: NOW - 5 * MINUTE,
    } as const;
    const of = { runnerName: runnerOf('j1'), name: 'j1', className: 'default', scope: SCOPE };
    expect(after(stopped({ reason: 'died-starting', detail: 'exit 1' }), over).suspects).toEqual([
      {
        ...of,
        system: '/nix/store/x',
        forJob: 1,
        forAttempt: 3,
        reason: 'died-starting',
        detail: 'exit 1',
        madeAt: NOW - 5 * MINUTE,
        endedAt: NOW,
      },
    ]);
    expect(after(stopped({ reason: 'never-online' }), over).suspects).toMatchObject([
      { detail: 'not online after 5 min' },
    ]);
  });
});

describe('settled', () => {
  const settled = (hadJob: boolean): Change => ({ kind: 'settled', runnerName: runnerOf('j9'), hadJob });
  const with9 = { suspects: [suspect('j8'), suspect('j9')], failures: [failure({ lastAt: NOW - HOUR })] };

  it('a suspect that had a job shows that starts work', () => {
    const is = after(settled(true), {}, with9);
    expect(is.suspects.map(({ name }) => name)).toEqual(['j8']);
    expect([is.failures, is.given]).toEqual([
      [],
      [{ className: 'default', scope: SCOPE, at: NOW - 2 * MINUTE }],
    ]);
  });

  it('one that had none shows nothing', () => {
    const is = after(settled(false), {}, with9);
    expect([is.suspects.length, is.failures.length, is.given]).toEqual([1, 1, []]);
  });

  it('one that is none any more shows nothing', () => {
    const before = state({ failures: [failure()] });
    expect(apply(before, settled(true))).toEqual(before);
  });
});

describe('ghosts', () => {
  const idled = stopped({ reason: 'idle-timeout' });
  const first = { className: 'default', scope: SCOPE, since: NOW - MINUTE };

  it('an idle time-out is a strike against the job it was made for', () => {
    expect(after(idled).ghosts).toEqual([{ ...first, jobId: 1, runAttempt: 1, strikes: 1, lastAt: NOW }]);
  });

  it.each([
    { title: 'a second one adds up, and counts from the first', runAttempt: 1, strikes: 2, since: 5 },
    { title: 'one of an older attempt does not', runAttempt: 7, strikes: 1, since: NOW - MINUTE },
  ])('$title', ({ runAttempt, strikes, since }) => {
    const ghosts = [ghost({ runAttempt, strikes: 1, since: 5, lastAt: 6 })];
    expect(after(idled, {}, { ghosts }).ghosts).toEqual([
      { ...first, jobId: 1, runAttempt: 1, strikes, since, lastAt: NOW },
    ]);
  });

  it.each<StopReason>(['not-needed', 'drained', 'never-online', 'exited-idle', 'operator'])(
    '%s is no strike',
    (reason) => {
      expect(after(stopped({ reason })).ghosts).toEqual([]);
    },
  );

  it('hold-released forgets one', () => {
    const ghosts = [1, 2].map((jobId) => ghost({ jobId }));
    expect(after({ kind: 'hold-released', jobId: 1 }, {}, { ghosts }).ghosts.map((it) => it.jobId)).toEqual([
      2,
    ]);
  });

  const given = (at: number) => ({ className: 'default', scope: SCOPE, at });

  it.each<{
    readonly title: string;
    readonly ghosts: State['ghosts'];
    readonly more?: Partial<State>;
    readonly left: number;
  }>([
    {
      title: 'ends the holds of its class and scope',
      ghosts: [ghost(), ghost({ jobId: 2, strikes: 1 })],
      left: 0,
    },
    { title: 'ends none of another class', ghosts: [ghost({ className: 'big' })], left: 1 },
    { title: 'ends none of another scope', ghosts: [ghost({ scope: 'o/s' })], left: 1 },
    {
      title: 'ends none of a job that was passed over before',
      ghosts: [ghost()],
      more: { given: [given(NOW - MINUTE)] },
      left: 1,
    },
    {
      title: 'ends those of jobs that have waited only since the last one',
      ghosts: [ghost()],
      more: { given: [given(NOW - HOUR)] },
      left: 0,
    },
    { title: 'ends none of one that waits since', ghosts: [ghost({ since: NOW })], left: 1 },
  ])('the first job that begins $title', ({ ghosts, more, left }) => {
    const begins = { ...busy, job: RUNNING } as Change;
    expect(after(begins, {}, { ghosts, ...more }).ghosts).toHaveLength(left);
  });
});

describe('release', () => {
  const release: Change = { kind: 'release', name: 'j1', at: NOW, grace: 30 * SECOND };

  it.each<Phase>(['reserved', 'starting', 'idle', 'busy'])('lets go of nothing that is %s', (phase) => {
    expect(after(release, { phase }).instances).toHaveLength(1);
  });

  it('leaves a debt, due after its grace, where GitHub may list a registration', () => {
    expect(after(release, { phase: 'stopping' })).toMatchObject({
      instances: [],
      debts: [
        {
          runnerName: runnerOf('j1'),
          runnerId: 77,
          since: NOW,
          reason: null,
          attempts: 0,
          nextTry: NOW + 30 * SECOND,
        },
      ],
      finished: [{ name: 'j1', reason: 'job-finished' }],
    });
  });

  it('leaves none where GitHub certainly lists nothing', () => {
    expect(after(release, { phase: 'stopping', registered: false }).debts).toEqual([]);
  });

  it('makes no second debt', () => {
    expect(
      after(release, { phase: 'stopping' }, { debts: [debt('j1', { attempts: 3 })] }).debts,
    ).toMatchObject([{ attempts: 3 }]);
  });

  it('keeps a hundred finished ones, the newest', () => {
    const names = Array.from({ length: 101 }, (_, n) => `j${n + 1}`);
    const before = state({ instances: names.map((name) => instance(name, { phase: 'stopping' })) });
    const all = names.map((name): Change => ({ kind: 'release', name, at: NOW, grace: 0 }));
    const { finished } = applyAll(before, all);
    expect([finished.length, finished[0]?.name, finished[99]?.name]).toEqual([100, 'j2', 'j101']);
  });
});

describe('rename', () => {
  const rename: Change = { kind: 'rename', name: 'j1', runnerName: 'new', at: NOW };

  it('goes on under the new name and has a debt for the old one', () => {
    const is = after(rename, { phase: 'reserved', runnerId: 3 });
    expect(is.instances).toMatchObject([{ runnerName: 'new', runnerId: null, phase: 'reserved' }]);
    expect(is.debts).toMatchObject([{ runnerName: runnerOf('j1'), runnerId: 3, nextTry: NOW }]);
  });

  it.each<Phase>(['starting', 'idle', 'busy', 'stopping'])('is too late for one that is %s', (phase) => {
    const is = after(rename, { phase });
    expect([is.instances[0]?.runnerName, is.debts]).toEqual([runnerOf('j1'), []]);
  });
});

describe('failures', () => {
  const failed: Extract<Change, { kind: 'failed' }> = {
    kind: 'failed',
    className: 'default',
    scope: SCOPE,
    shape: 'ci,',
    madeAt: NOW - MINUTE,
    endedAt: NOW,
    at: NOW,
    chance: 0,
    detail: 'no',
  };
  const later = (ms: number): Change => ({ ...failed, madeAt: NOW + ms, endedAt: NOW + ms, at: NOW + ms });

  it('the first makes the class back off for five seconds, the next for ten', () => {
    const first = apply(state(), failed);
    expect(first.failures).toEqual([
      {
        className: 'default',
        scope: SCOPE,
        shape: 'ci,',
        count: 1,
        lastAt: NOW,
        thirdAt: null,
        until: NOW + 5 * SECOND,
        detail: 'no',
      },
    ]);
    const second = apply(first, later(5 * SECOND));
    expect(second.failures).toMatchObject([{ count: 2, until: NOW + 15 * SECOND, thirdAt: null }]);
  });

  it('the wait counts from the end of what failed, however late that was judged', () => {
    expect(apply(state(), { ...failed, at: NOW + MINUTE }).failures).toMatchObject([
      { lastAt: NOW + MINUTE, until: NOW + 5 * SECOND },
    ]);
  });

  it('the time of the third is kept', () => {
    const { failures } = applyAll(state(), [failed, later(1), later(2), later(3)]);
    expect(failures).toMatchObject([{ count: 4, thirdAt: NOW + 2 }]);
  });

  it('starts that were under way when the first failed are one failure, whenever they fail', () => {
    const all = [failed, failed, { ...failed, at: NOW + HOUR, madeAt: NOW - 1 }];
    expect(applyAll(state(), all).failures).toMatchObject([{ count: 1, lastAt: NOW }]);
  });

  it('each class has its own in each scope', () => {
    const changes = [failed, { ...failed, className: 'big' }, { ...failed, scope: 'o/s' }];
    const { failures } = applyAll(state(), changes);
    expect(failures.map((it) => `${it.className} ${it.scope} ${it.count}`)).toEqual([
      `default ${SCOPE} 1`,
      `big ${SCOPE} 1`,
      'default o/s 1',
    ]);
  });

  it('a class that has changed begins anew', () => {
    const before = apply(state(), failed);
    expect(apply(before, { ...later(9), shape: 'ci,new' } as Change).failures).toMatchObject([
      { shape: 'ci,new', count: 1 },
    ]);
  });

  it('failures-cleared forgets those of a class in a scope', () => {
    const failures = [failure(), failure({ scope: 'o/s' }), failure({ className: 'big' })];
    const is = after({ kind: 'failures-cleared', className: 'default', scope: SCOPE }, {}, { failures });
    expect(is.failures).toEqual(failures.slice(1));
  });

  const begins = { ...busy, job: RUNNING } as Change;

  it('a job that begins shows that its class works in its scope, and says nothing of others', () => {
    const failures = [failure(), failure({ scope: 'o/s' }), failure({ className: 'big' })];
    expect(after(begins, { phase: 'starting' }, { failures }).failures).toEqual(failures.slice(1));
  });

  it.each<{ readonly title: string; readonly change: Change; readonly over: Partial<Instance> }>([
    { title: 'a runner that comes online', change: online, over: { phase: 'starting' } },
    { title: 'a refusal to deregister', change: busy, over: {} },
    { title: 'a job that begins in one that is ending', change: begins, over: { phase: 'stopping' } },
    {
      title: 'a job that began before the newest failure',
      change: { kind: 'job', name: 'j1', job: RUNNING, at: NOW - HOUR },
      over: { phase: 'busy', since: NOW - HOUR },
    },
    {
      title: 'more about a job that is known',
      change: { kind: 'job', name: 'j1', job: RUNNING, at: NOW },
      over: { phase: 'busy', since: NOW, job: RUNNING },
    },
  ])('$title shows nothing', ({ change, over }) => {
    expect(after(change, over, { failures: [failure()] }).failures).toEqual([failure()]);
  });

  it('the name of a job shows it, where a refusal was all that was known', () => {
    const change: Change = { kind: 'job', name: 'j1', job: RUNNING, at: NOW };
    expect(after(change, { phase: 'busy', since: NOW }, { failures: [failure()] }).failures).toEqual([]);
  });
});

describe('debts', () => {
  it('debt-cleared forgets one', () => {
    const debts = [debt('j8'), debt('j9')];
    const is = after({ kind: 'debt-cleared', runnerName: runnerOf('j8') }, {}, { debts });
    expect(is.debts.map((it) => it.runnerName)).toEqual([runnerOf('j9')]);
  });

  it('a debt is added once', () => {
    const is = after({ kind: 'orphan-found', debt: debt('j9', { since: NOW }) }, {}, { debts: [debt('j9')] });
    expect(is.debts).toEqual([debt('j9')]);
  });

  it.each([
    { attempt: true, runnerId: 5, is: { attempts: 2, runnerId: 5 } },
    { attempt: false, runnerId: null, is: { attempts: 1, runnerId: 77 } },
  ])('refused, an attempt: $attempt', ({ attempt, runnerId, is }) => {
    const change: Change = {
      kind: 'refused',
      runnerName: runnerOf('j9'),
      runnerId,
      reason: 'busy',
      nextTry: NOW + MINUTE,
      attempt,
    };
    const debts = [debt('j8'), debt('j9', { attempts: 1 })];
    expect(after(change, {}, { debts }).debts).toEqual([
      debt('j8'),
      { ...debt('j9'), ...is, reason: 'busy', nextTry: NOW + MINUTE },
    ]);
  });
});

describe('answered', () => {
  const slack = 30 * SECOND;
  const answer = (at: number, scope = SCOPE): Change => ({ kind: 'answered', scope, at, slack });

  it.each<{
    readonly title: string;
    readonly at: number;
    readonly over: Partial<Instance>;
    readonly unansweredFor: number;
  }>([
    { title: 'polls at their usual interval leave no gap', at: NOW + slack, over: {}, unansweredFor: 0 },
    {
      title: 'a longer gap is unanswered time of one that idles',
      at: NOW + MINUTE,
      over: {},
      unansweredFor: MINUTE,
    },
    { title: 'and of one that starts', at: NOW + MINUTE, over: { phase: 'starting' }, unansweredFor: MINUTE },
    { title: 'gaps add up', at: NOW + MINUTE, over: { unansweredFor: 5 }, unansweredFor: MINUTE + 5 },
    {
      title: 'only the part of the gap that lies in the phase',
      at: NOW + MINUTE,
      over: { since: NOW + 40 * SECOND },
      unansweredFor: 20 * SECOND,
    },
    {
      title: 'a phase that began after it saw no gap',
      at: NOW + MINUTE,
      over: { since: NOW + 2 * MINUTE },
      unansweredFor: 0,
    },
    { title: 'a job has no unanswered time', at: NOW + MINUTE, over: { phase: 'busy' }, unansweredFor: 0 },
    { title: 'nor has an ending', at: NOW + MINUTE, over: { phase: 'stopping' }, unansweredFor: 0 },
  ])('$title', ({ at, over, unansweredFor }) => {
    const is = after(answer(at), over, { answeredAt: { [SCOPE]: NOW } });
    expect([is.instances[0]?.unansweredFor, is.answeredAt]).toEqual([unansweredFor, { [SCOPE]: at }]);
  });

  it('the first answer about a scope ends no gap', () => {
    const before = { answeredAt: { 'o/s': NOW } };
    const is = after(answer(NOW + MINUTE), {}, before);
    expect(is.instances[0]?.unansweredFor).toBe(0);
    expect(is.answeredAt).toEqual({ 'o/s': NOW, [SCOPE]: NOW + MINUTE });
  });

  it('a gap of one scope is none of another', () => {
    const before = { answeredAt: { 'o/s': NOW, [SCOPE]: NOW } };
    expect(after(answer(NOW + MINUTE, 'o/s'), {}, before).instances[0]?.unansweredFor).toBe(0);
  });
});

describe('claims', () => {
  const claim: ClaimedRunner = {
    className: 'default',
    scope: SCOPE,
    runnerName: runnerOf('j1'),
    at: NOW - MINUTE,
    endedAt: null,
    forJob: 1,
    runId: null,
  };
  const other = { ...claim, runnerName: 'r' };

  it('one that is over goes alone', () => {
    const change: Change = { kind: 'claim-over', runnerName: claim.runnerName };
    expect(after(change, {}, { claimed: [claim, other] }).claimed).toEqual([other]);
  });

  it('note when their container ended', () => {
    const is = after(stopped(), { phase: 'busy' }, { claimed: [claim, other] });
    expect(is.claimed).toEqual([{ ...claim, endedAt: NOW }, other]);
  });
});

describe('when a job began', () => {
  const told = { id: null, runId: 4, runAttempt: 1, repository: 'o/r' };
  const busyAt = (change: Change, over: Partial<Instance> = {}): number | null | undefined =>
    after(change, over).instances[0]?.stages.busyAt;

  it('is when a hook or GitHub told of it first, and stays so', () => {
    expect(busyAt({ ...busy, job: told })).toBe(NOW);
    const known = instance('j1', { phase: 'busy', job: told });
    const stages = { ...known.stages, busyAt: NOW - MINUTE };
    expect(busyAt({ kind: 'job', name: 'j1', job: told, at: NOW }, { ...known, stages })).toBe(NOW - MINUTE);
  });

  it('a refusal to deregister tells that it is busy, and a job that shows later began then', () => {
    expect(after({ ...busy, job: null }).instances[0]).toMatchObject({ refusedAt: NOW, job: null });
    const refused = instance('j1', { phase: 'busy', refusedAt: NOW - HOUR });
    const stages = { ...refused.stages, busyAt: NOW - HOUR };
    expect(busyAt({ kind: 'job', name: 'j1', job: told, at: NOW }, { ...refused, stages })).toBe(NOW);
  });

  it('a second refusal moves nothing but its own time', () => {
    const is = after({ ...busy, job: null }, { phase: 'busy', refusedAt: NOW - HOUR });
    expect(is.instances[0]).toMatchObject({ phase: 'busy', since: NOW - MINUTE, refusedAt: NOW });
    expect(is.claimed).toEqual([]);
  });

  it('of one that was found without a promise, and not seen to idle, it is its boot', () => {
    const stages = { ...instance('j1').stages, reservedAt: null, startedAt: NOW - HOUR };
    expect(busyAt({ ...busy, job: told }, { stages, phase: 'starting' })).toBe(NOW - HOUR);
    expect(busyAt({ ...busy, job: told }, { stages })).toBe(NOW);
  });
});
