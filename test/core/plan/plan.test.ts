import { describe, expect, it } from 'vitest';

import { applyAll } from '../../../src/core/apply/apply.ts';
import type { State } from '../../../src/core/model.ts';
import type { Observed } from '../../../src/core/plan/observed.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Policy } from '../../../src/core/policy.ts';
import {
  container,
  debt,
  draws,
  host,
  instance,
  job,
  MINUTE,
  NOW,
  policy,
  runner,
  runnerClass,
  runnerOf,
  said,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
  WALL,
} from '../../support/builders.ts';
import { check } from './check.ts';

/** Something of everything. */
function crowd(): Observed {
  return seen({
    state: state({
      instances: [
        instance('j1', { phase: 'reserved' }),
        instance('j2', { phase: 'starting', subnet: 101 }),
        instance('j3', { subnet: 102 }),
        instance('j4', { phase: 'busy', subnet: 103 }),
        instance('j5', { phase: 'stopping', subnet: 104 }),
      ],
      debts: [debt('j9')],
    }),
    host: host({
      containers: [
        container('j1'),
        container('j2', { started: { runId: 1, runAttempt: 1, repository: 'o/r' } }),
        container('j3'),
        container('j4', { state: 'ended' }),
      ],
    }),
    github: snapshot({
      jobs: [job(1), job(2), job(6), job(7)],
      runners: [runner('j2', { id: 5 }), runner('j3')],
    }),
  });
}

describe('plan', () => {
  it('says what happened, then what ends, then what is made, in an order of its own', () => {
    expect(said(plan(crowd(), policy(), NOW, draws()))).toEqual({
      changes: [
        'started j1',
        'ready j1',
        'registered j2',
        'online j2',
        'busy j2',
        'stop j4 job-finished',
        'release j5',
        `debt-cleared ${runnerOf('j9')}`,
        'reserve j7',
      ],
      effects: ['destroy j4', 'start j7'],
      holds: ['1 starting', '6 waiting-for-github', '7 starting'],
    });
  });

  it('is pure: the same observation, time and draws give the same plan', () => {
    const observed = crowd();
    const copy = structuredClone(observed);
    const first = plan(observed, policy(), NOW, draws(4));
    expect(plan(observed, policy(), NOW, draws(4))).toEqual(first);
    expect(observed).toEqual(copy);
  });

  it('its state is what its changes make of the one it saw', () => {
    const observed = crowd();
    const is = plan(observed, policy(), NOW, draws());
    expect(is.state).toEqual(applyAll(observed.state, is.changes));
  });

  it('has nothing new to say of the same observation once its changes are made and its effects are under way', () => {
    const observed = crowd();
    const first = plan(observed, policy(), NOW, draws());
    const inFlight = new Set(first.effects.map((it) => ('name' in it ? it.name : it.runnerName)));
    const again = plan({ ...observed, state: first.state, inFlight }, policy(), NOW, draws());
    expect(said(again)).toMatchObject({ changes: [], effects: [] });
  });

  it('asks for the same effect again until something comes of it', () => {
    const observed = crowd();
    const first = plan(observed, policy(), NOW, draws());
    const again = plan({ ...observed, state: first.state }, policy(), NOW, draws());
    expect(said(again).effects).toContain('destroy j4');
  });

  it('promises what the mark, the deadline and the person will want to know', () => {
    const github = snapshot({ jobs: [job(11_234_567, { scope: 'o/s', runAttempt: 3, labels: ['CI'] })] });
    const by: Policy = policy({ classes: [runnerClass({ system: '/nix/store/x' })] });
    const { state: is } = plan(seen({ github }), by, NOW, draws());
    expect(is.instances).toMatchObject([
      {
        name: 'j1234567',
        className: 'default',
        scope: 'o/s',
        subnet: 100,
        runnerId: null,
        forJob: 11_234_567,
        forAttempt: 3,
        system: '/nix/store/x',
        registered: true,
        phase: 'reserved',
        since: NOW,
        unansweredFor: 0,
        job: null,
        stop: null,
        stages: { queuedAt: WALL - 3_600_000 + 11_234_567, seenAt: NOW, reservedAt: NOW, startedAt: null },
      },
    ]);
    expect(is.instances[0]?.runnerName).toMatch(/^ci01-j1234567-7f2a[a-z0-9]{4}$/);
  });

  it.each<{ readonly where: string; readonly over: (name: string) => Partial<Observed> }>([
    {
      where: 'an instance',
      over: (name) => ({
        state: state({ instances: [instance('j7', { runnerName: name, phase: 'stopping' })] }),
      }),
    },
    {
      where: 'a debt',
      over: (name) => ({
        state: state({ debts: [debt('j7', { runnerName: name, since: NOW, nextTry: NOW + 1 })] }),
      }),
    },
    {
      where: 'the list of GitHub',
      over: (name) => ({ github: snapshot({ jobs: [job(1)], runners: [runner('j7', { name })] }) }),
    },
    {
      where: 'what is over',
      over: (name) => {
        const gone = instance('j7', { runnerName: name, phase: 'stopping', registered: false });
        const { state: is } = plan(seen({ state: state({ instances: [gone] }) }), policy(), NOW, draws());
        return { state: is };
      },
    },
  ])('never uses a runner name again that is in $where', ({ over }) => {
    const github = snapshot({ jobs: [job(1)] });
    const reserved = (more: Partial<Observed>): string | undefined => {
      const { state: is } = plan(seen({ github, ...more }), policy(), NOW, draws(9));
      return is.instances.find((it) => it.phase === 'reserved')?.runnerName;
    };
    const first = reserved({}) ?? '';
    expect(first).toMatch(/^ci01-j1-/);
    expect(reserved(over(first))).not.toBe(first);
  });
});

describe('answered', () => {
  const answers = (over: Partial<State>, github = snapshot({})): readonly string[] =>
    plan(seen({ state: state(over), github }), policy(), NOW, draws()).changes.map((it) =>
      it.kind === 'answered' ? `${it.scope} ${it.at - NOW} ${it.slack}` : it.kind,
    );
  const unread = [{ scope: SCOPE, what: 'runners', runId: null, why: '' }] as const;

  it('notes a list of runners once, and how far apart two may be', () => {
    expect(answers({})).toEqual([`${SCOPE} -1000 60000`]);
    expect(answers({ answeredAt: {} })).toEqual([`${SCOPE} -1000 60000`]);
    expect(answers({ answeredAt: { [SCOPE]: NOW - SECOND } })).toEqual([]);
  });

  it('notes none that was not answered', () => {
    expect(answers({}, snapshot({ scopes: ['o/s', SCOPE], unread }))).toEqual([`o/s -1000 60000`]);
  });

  it('nothing else needs to be answered', () => {
    const runs = [{ scope: SCOPE, what: 'jobs', runId: null, why: '' }] as const;
    expect(answers({}, snapshot({ unread: runs }))).toEqual([`${SCOPE} -1000 60000`]);
  });
});

describe('two scopes, one of them dead', () => {
  const OTHER = 'o/s';
  const github = (jobs: Parameters<typeof job>[1][]) =>
    snapshot({
      scopes: [OTHER, SCOPE],
      jobs: jobs.map((over, n) => job(n + 1, over)),
      unread: [
        { scope: OTHER, what: 'jobs', runId: null, why: '502' },
        { scope: OTHER, what: 'runners', runId: null, why: '502' },
      ],
    });
  const both = (since: number): Partial<Observed> => ({
    state: state({ instances: [instance('j1', { since }), instance('j2', { since, scope: OTHER })] }),
    host: host({ containers: [container('j1'), container('j2')] }),
  });

  check([
    {
      title: 'jobs of the other get runners',
      seen: { github: github([{}, { scope: OTHER }]) },
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 github-unreachable'],
    },
    {
      title: 'runners of the other that idle too long are asked to go',
      seen: { ...both(NOW - 5 * MINUTE), github: github([{}, { scope: OTHER }]) },
      effects: ['retire j1 idle-timeout'],
      holds: ['1 waiting-for-github', '2 waiting-for-github'],
    },
    {
      title: 'runners of the other that nobody needs are asked to go',
      seen: { ...both(NOW - MINUTE), github: github([]) },
      effects: ['retire j1 not-needed'],
    },
  ]);
});
