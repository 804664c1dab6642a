import { describe, expect, it } from 'vitest';

import type { Instance } from '../../../src/core/model.ts';
import type { Job } from '../../../src/core/observation.ts';
import { shapeOf } from '../../../src/core/plan/failures.ts';
import type { Row } from '../../support/builders.ts';
import {
  UNASKED,
  container,
  failure,
  host,
  instance,
  job,
  planned,
  runnerClass,
  SCOPE,
  snapshot,
  state,
} from '../../support/builders.ts';
import { check } from './check.ts';

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

describe('one class', () => {
  check([
    { title: 'no job asks for nothing', seen: {} },
    { title: 'before the first poll nothing is known of demand', seen: { github: UNASKED } },
    {
      title: 'a queued job gets a promise, and then a start',
      seen: world([], [job(1)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'a burst is made at once, oldest first',
      seen: world([], [job(3), job(1), job(2)]),
      changes: ['reserve j1', 'reserve j2', 'reserve j3'],
      effects: ['start j1', 'start j2', 'start j3'],
      holds: ['1 starting', '2 starting', '3 starting'],
    },
    {
      title:
        'a job with labels of nobody, and one of ours that is more than we offer, and one without labels',
      seen: world(
        [],
        [job(1, { labels: ['ubuntu-latest'] }), job(2, { labels: ['ci', 'gpu'] }), job(3, { labels: [] })],
      ),
      holds: ['2 no-matching-class'],
    },
    {
      title: 'one that starts covers a job',
      seen: world([instance('j1', { phase: 'starting' })], [job(1)]),
      holds: ['1 starting'],
    },
    {
      title: 'one that idles covers a job',
      seen: world([instance('j1')], [job(1)]),
      holds: ['1 waiting-for-github'],
    },
    {
      title: 'one that is busy covers none, though it was made for it',
      seen: world([instance('j1', { phase: 'busy' })], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'jobs are counted, not matched: one made for another job covers as well',
      seen: world([instance('j7'), instance('j8')], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 waiting-for-github'],
    },
    {
      title: 'of several, the job that caused one counts as covered by it',
      seen: world([instance('j7'), instance('j2', { phase: 'starting' })], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 starting'],
    },
    {
      title: 'what idles serves before what starts',
      seen: world([instance('j8', { phase: 'starting' }), instance('j7')], [job(1), job(2)]),
      holds: ['1 waiting-for-github', '2 starting'],
    },
    {
      title: 'ids with the same last digits get names of their own',
      seen: world([], [job(11_000_005), job(21_000_005)]),
      changes: ['reserve j1000005', 'reserve j1000005a'],
      effects: ['start j1000005', 'start j1000005a'],
      holds: ['11000005 starting', '21000005 starting'],
    },
    {
      title: 'holds are told oldest first, whatever they wait for',
      seen: world([instance('j3')], [job(1), job(2, { labels: ['ci', 'gpu'] }), job(3)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 no-matching-class', '3 waiting-for-github'],
    },
  ]);
});

describe('several classes', () => {
  check([
    {
      title: 'a job counts for the first class that covers it and is below its maximum',
      seen: world([], [job(1), job(2), job(3), job(4), job(5)]),
      policy: two,
      changes: ['reserve j1', 'reserve j2', 'reserve j3', 'reserve j4'],
      effects: ['start j1', 'start j2', 'start j3', 'start j4'],
      holds: ['1 starting', '2 starting', '3 starting', '4 starting', '5 class-at-capacity'],
    },
    {
      title: 'one that only the second covers counts for that',
      seen: world([instance('j7', { className: 'small' })], [job(1, { labels: ['big'] })]),
      policy: two,
      changes: ['reserve j1'],
      effects: ['retire j7 not-needed', 'start j1'],
      holds: ['1 starting'],
    },
    {
      title: 'an own instance counts first, so that a job of another class keeps its own',
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
      title: 'when the first class is full, an idle one of the second covers',
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
      title: 'while the first class has room, an idle one of the second is left to those who need it',
      seen: world([instance('j9', { className: 'big' })], [job(1), job(2, { labels: ['big'] })]),
      policy: two,
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      title: 'after a change of classes, a runner of a class that is no more is not even for its own job',
      seen: world([instance('j1', { className: 'old' })], [job(1)]),
      policy: two,
      changes: ['reserve j1a'],
      effects: ['retire j1 not-needed', 'start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'nor is a runner that was registered for another scope',
      seen: world([instance('j1')], [job(1, { scope: OTHER })]),
      changes: ['reserve j1a'],
      effects: ['retire j1 not-needed', 'start j1a'],
      holds: ['1 starting'],
    },
    {
      title: "a class that backs off holds its own jobs and nobody else's",
      seen: {
        ...world([], [job(1), job(2, { labels: ['big'] })]),
        state: state({
          failures: [failure({ className: 'big', shape: shapeOf(big) })],
        }),
      },
      policy: two,
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 backing-off'],
    },
    {
      title: 'a class that backs off in one scope serves another',
      seen: {
        github: snapshot({
          scopes: [SCOPE, OTHER],
          jobs: [job(1), job(2, { scope: OTHER }), job(3, { labels: ['big'], scope: OTHER })],
        }),
        host: host(),
        state: state({
          failures: [
            failure({ className: 'small', shape: shapeOf(small) }),
            failure({ className: 'big', shape: shapeOf(big) }),
          ],
        }),
      },
      policy: two,
      changes: ['reserve j2', 'reserve j3'],
      effects: ['start j2', 'start j3'],
      holds: ['1 backing-off', '2 starting', '3 starting'],
    },
    {
      title: 'endings count against the maximum of their class',
      seen: world([instance('j7', { className: 'big', phase: 'stopping' })], [job(1, { labels: ['big'] })]),
      policy: { classes: [{ ...big, max: 1 }] },
      effects: ['destroy j7'],
      holds: ['1 class-at-capacity'],
    },
    {
      title: 'a runner serves its own scope only',
      seen: world([instance('j7')], [job(1, { scope: OTHER }), job(2)]),
      changes: ['reserve j1'],
      effects: ['start j1'],
      holds: ['1 starting', '2 waiting-for-github'],
    },
    {
      title: 'a scope that does not answer waits, another goes on',
      seen: {
        github: snapshot(
          { scopes: [SCOPE, OTHER], jobs: [job(1), job(2, { scope: OTHER })] },
          {
            scopes: [SCOPE, OTHER],
            jobs: [job(2, { scope: OTHER })],
            unread: [
              { scope: SCOPE, what: 'jobs', runId: null, why: '' },
              { scope: SCOPE, what: 'runners', runId: null, why: '' },
            ],
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
