import { describe, expect, it } from 'vitest';

import type { Ghost, Given, State } from '../../../src/core/model.ts';
import { heldFor } from '../../../src/core/plan/holds.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Row } from '../../support/builders.ts';
import {
  container,
  draws,
  failure,
  ghost,
  host,
  HOUR,
  instance,
  job,
  MINUTE,
  NOW,
  policy,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
} from '../../support/builders.ts';
import { check } from './check.ts';

/** Another job began in a runner of this class and scope, a minute ago. */
const elsewhere: Given = { className: 'default', scope: SCOPE, at: NOW - MINUTE };
const made = { changes: ['reserve j1'], effects: ['start j1'], holds: ['1 starting'] };

it.each([
  [1, MINUTE],
  [2, MINUTE],
  [3, 2 * MINUTE],
  [4, 4 * MINUTE],
  [7, 32 * MINUTE],
  [8, HOUR],
  [5_000, HOUR],
])('after %i strikes a job is held for %i ms', (strikes, is) => {
  expect(heldFor(strikes)).toBe(is);
});

describe('a job that GitHub gives to nobody while others get runners', () => {
  const haunted = (over: Partial<Ghost>, more: Row['seen'] = {}, given: readonly Given[] = [elsewhere]) => ({
    github: snapshot({ jobs: [job(1)] }),
    state: state({ ghosts: [ghost(over)], given }),
    ...more,
  });

  check([
    { title: 'is held once two runners idled for it', seen: haunted({}), holds: ['1 waiting-for-github'] },
    { title: 'once is not enough', seen: haunted({ strikes: 1 }), ...made },
    {
      title: 'other jobs are not held',
      seen: haunted({ jobId: 7 }),
      ...made,
      changes: ['hold-released 7', 'reserve j1'],
    },
    { title: 'a minute later it is tried again', seen: haunted({ lastAt: NOW - MINUTE }), ...made },
    {
      title: 'not a millisecond before',
      seen: haunted({ lastAt: NOW - MINUTE + 1 }),
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'after the third it is held for two minutes',
      seen: haunted({ strikes: 3, lastAt: NOW - 2 * MINUTE + 1 }),
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'another attempt is another job',
      seen: haunted({ runAttempt: 2 }),
      ...made,
      changes: ['hold-released 1', 'reserve j1'],
    },
    {
      title: 'one that is queued no more is forgotten',
      seen: haunted({}, { github: snapshot() }),
      changes: ['hold-released 1'],
    },
    {
      title: 'not while a run was never read, which may hold it',
      seen: haunted(
        {},
        {
          github: snapshot({
            jobs: [job(9, { runId: 4, labels: ['gpu'] })],
            unread: [{ scope: SCOPE, what: 'jobs', runId: 4, why: '' }],
          }),
        },
      ),
    },
    {
      title: 'by one that lacks another scope',
      seen: haunted(
        {},
        {
          github: snapshot({
            scopes: [SCOPE, 'o/s'],
            unread: [{ scope: 'o/s', what: 'jobs', runId: null, why: '' }],
          }),
        },
      ),
      changes: ['hold-released 1'],
    },
    {
      title: "not by a list that lacks it once, as GitHub's sometimes do",
      seen: haunted({}, { github: snapshot({ askedAt: NOW - MINUTE, jobs: [job(1)] }, {}) }),
    },
    {
      title: 'it needs no runner while it is held',
      seen: haunted(
        {},
        {
          state: state({ ghosts: [ghost()], given: [elsewhere], instances: [instance('j1')] }),
          host: host({ containers: [container('j1')] }),
        },
      ),
      effects: ['retire j1 not-needed'],
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'draining says so of one that is not held yet',
      seen: haunted({ strikes: 1 }, { draining: true }),
      holds: ['1 draining'],
    },
  ]);

  it('says until when', () => {
    const observed = seen(haunted({ strikes: 4, lastAt: NOW - SECOND }));
    const [hold] = plan(observed, policy(), NOW, draws()).holds;
    expect(hold?.detail).toBe('GitHub gave it to none of 4 idle runners; held, tried again in 3 min');
  });
});

describe('while nobody of a class and scope is given any job', () => {
  const two = [ghost(), ghost({ jobId: 2 })];
  const ill = (over: Partial<State>, jobs = [job(1), job(2)]): Row['seen'] => {
    const all = state({ ghosts: two, ...over });
    return {
      github: snapshot({ jobs }),
      state: all,
      host: host({ containers: all.instances.map(({ name }) => container(name)) }),
    };
  };
  const held = ['1 waiting-for-github', '2 waiting-for-github'];

  check([
    {
      title: 'one runner waits for the first, however many jobs are held',
      seen: ill({}),
      ...made,
      holds: ['1 starting', '2 waiting-for-github'],
    },
    { title: 'and no other beside it', seen: ill({ instances: [instance('j1')] }), holds: held },
    {
      title: 'whichever job it was made for',
      seen: ill({ instances: [instance('j2')] }),
      holds: held,
    },
    {
      title: 'one more is not needed',
      seen: ill({ instances: [instance('j1'), instance('j2', { subnet: 101, since: NOW - 2 * MINUTE })] }),
      effects: ['retire j2 not-needed'],
      holds: held,
    },
    {
      title: 'one that serves a job that is not held is enough',
      seen: ill({ instances: [instance('j7')] }, [job(1), job(2), job(7)]),
      holds: [...held, '7 waiting-for-github'],
    },
    {
      title: 'one that is made for a job that is not held is enough',
      seen: ill({}, [job(1), job(2), job(7)]),
      changes: ['reserve j7'],
      effects: ['start j7'],
      holds: [...held, '7 starting'],
    },
    {
      title: 'a runner at work is none that waits',
      seen: ill({ instances: [instance('j7', { phase: 'busy' })] }),
      ...made,
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      title: 'jobs that were given out before that do not count',
      seen: ill({ given: [{ ...elsewhere, at: NOW - 10 * MINUTE }] }),
      ...made,
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      title: 'nor do those of another class',
      seen: ill({ given: [{ ...elsewhere, className: 'big' }] }),
      ...made,
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      title: 'each scope has its own',
      seen: ill({ ghosts: [ghost(), ghost({ jobId: 2, scope: 'o/s' })] }, [job(1), job(2, { scope: 'o/s' })]),
      changes: ['reserve j1', 'reserve j2'],
      effects: ['start j1', 'start j2'],
      holds: ['1 starting', '2 starting'],
    },
    {
      title: 'a class that backs off there makes none',
      seen: ill({ failures: [failure()] }),
      holds: ['1 backing-off', '2 backing-off'],
    },
  ]);
});
