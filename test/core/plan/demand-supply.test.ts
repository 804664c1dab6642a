import { describe } from 'vitest';

import type { Instance, ClaimedRunner } from '../../../src/core/model.ts';
import type { Job } from '../../../src/core/observation.ts';
import type { Row } from '../../support/builders.ts';
import {
  UNASKED,
  container,
  host,
  instance,
  job,
  MINUTE,
  NOW,
  runner,
  runnerOf,
  SCOPE,
  SECOND,
  snapshot,
  state,
} from '../../support/builders.ts';
import type { Poll } from '../../support/polls.ts';
import { check } from './check.ts';

const OTHER = 'o/s';

/** Instances with their running containers, and queued jobs. */
function world(instances: readonly Instance[], jobs: readonly Job[], more: Row['seen'] = {}): Row['seen'] {
  return {
    state: state({ instances }),
    host: host({ containers: instances.map(({ name }) => container(name)) }),
    github: snapshot({ jobs }),
    ...more,
  };
}

describe('theft', () => {
  const stolen = (at: number, over: Partial<ClaimedRunner> = {}): ClaimedRunner => ({
    className: 'default',
    scope: SCOPE,
    runnerName: runnerOf('j9'),
    at,
    forJob: 1,
    runId: null,
    endedAt: null,
    ...over,
  });
  const busyOne = instance('j1', { phase: 'busy' });
  const took = (claimed: readonly ClaimedRunner[], jobs: readonly Job[], more: Row['seen'] = {}) => ({
    ...world([busyOne], jobs),
    state: state({ instances: [busyOne], claimed }),
    ...more,
  });

  check([
    {
      title: 'the runner made for 1 runs 2, so another is made for 1',
      seen: world([busyOne], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'until a later poll, the job that it claimed is assumed to be the one it was made for',
      seen: took([stolen(NOW)], [job(1)]),
    },
    {
      title: 'nor by a poll that was asked for later: GitHub may list it late',
      seen: took([stolen(NOW - 2 * SECOND)], [job(1)]),
    },
    {
      title: 'two polls that were asked for a minute later know better',
      seen: took([stolen(NOW - 2 * MINUTE)], [], {
        github: snapshot({ askedAt: NOW - 11 * SECOND, jobs: [job(1)] }, { jobs: [job(1)] }),
      }),
      changes: [`claim-over ${runnerOf('j9')}`, 'reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'a job of the run that its hook named goes first',
      seen: took([stolen(NOW, { runId: 2 })], [job(1), job(2, { runId: 2 })]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'two that were claimed took two',
      seen: took(
        [
          stolen(NOW, { runId: 1, forJob: 8 }),
          stolen(NOW, { runId: 1, forJob: 9, runnerName: runnerOf('j8') }),
        ],
        [job(1), job(2)],
      ),
    },
    {
      title: 'within a run, the one it was made for',
      seen: took([stolen(NOW, { runId: 1, forJob: 2 })], [job(1), job(2)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'or else the oldest that it could take',
      seen: took([stolen(NOW, { forJob: 9 })], [job(1, { labels: ['ci', 'gpu'] }), job(2), job(3)]),
      changes: ['reserve j3'],
      effects: ['start j3'],
      holds: ['1 no-matching-class', '3 starting'],
    },
    {
      title: 'a scope is not robbed by another',
      seen: took([stolen(NOW, { scope: OTHER })], [], {
        github: snapshot({ scopes: [SCOPE, OTHER], jobs: [job(1)] }),
      }),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'two that became busy took two',
      seen: took([stolen(NOW), stolen(NOW, { forJob: 2 })], [job(1), job(2), job(3)]),
      changes: ['reserve j3'],
      effects: ['start j3'],
      holds: ['3 starting'],
    },
    {
      title: 'a class that is no more robs nobody',
      seen: took([stolen(NOW, { className: 'old' })], [job(1)]),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: ['1 starting'],
    },
    {
      title: 'a runner that GitHub names takes nothing from the jobs that are queued still',
      seen: world(
        [instance('j1'), instance('j2')],
        [job(1, { status: 'in_progress', runnerName: instance('j1').runnerName }), job(2)],
      ),
      changes: ['busy j1'],
      holds: ['2 waiting-for-github'],
    },
    {
      title: 'nor does one whose hook was read after the poll that names it',
      seen: took(
        [stolen(NOW, { runId: 1, runnerName: busyOne.runnerName })],
        [job(1, { status: 'in_progress', runnerName: busyOne.runnerName }), job(2)],
      ),
      changes: [`claim-over ${busyOne.runnerName}`, 'job j1', 'reserve j2'],
      effects: ['start j2'],
      holds: ['2 starting'],
    },
    {
      title: 'a guess at what was claimed makes no runner superfluous',
      seen: {
        ...world([busyOne, instance('j2')], [job(2)]),
        state: state({ instances: [busyOne, instance('j2')], claimed: [stolen(NOW, { forJob: 9 })] }),
      },
    },
  ]);
});

describe('spare ones', () => {
  const idle = instance('j1', { since: NOW - MINUTE });
  const before = { askedAt: NOW - 11 * SECOND };
  const spare = (one: Instance, polls: readonly Partial<Poll>[]): Row['seen'] => ({
    ...world([one], []),
    github: snapshot(...polls),
  });

  check([
    { title: 'is asked to go', seen: spare(idle, [{}]), effects: ['retire j1 not-needed'] },
    {
      title: 'so is one that starts',
      seen: spare({ ...idle, phase: 'starting' }, [{}]),
      effects: ['retire j1 not-needed'],
    },
    {
      title: 'its job was cancelled: not by the first poll that lacks it',
      seen: spare(idle, [{ ...before, jobs: [job(1)] }, {}]),
    },
    {
      title: 'its job was cancelled: by the second',
      seen: spare(idle, [{ ...before, jobs: [job(1)] }, { ...before }, {}]),
      effects: ['retire j1 not-needed'],
    },
    {
      title: 'whatever run cannot be read',
      seen: spare(idle, [
        { jobs: [job(9, { runId: 4, labels: ['gpu'] })] },
        { unread: [{ scope: SCOPE, what: 'jobs', runId: 4, why: '' }] },
      ]),
      effects: ['retire j1 not-needed'],
    },
    {
      title: 'not while the list of runners is an old one',
      seen: spare({ ...idle, since: NOW - 3 * MINUTE }, [
        { askedAt: NOW - 2 * MINUTE },
        { unread: [{ scope: SCOPE, what: 'runners', runId: null, why: '' }] },
      ]),
    },
    {
      title: 'nor while those of runs are',
      seen: spare({ ...idle, since: NOW - 3 * MINUTE }, [
        { askedAt: NOW - 2 * MINUTE },
        { unread: [{ scope: SCOPE, what: 'jobs', runId: null, why: '' }] },
      ]),
    },
    {
      title: 'by a poll that lacks another scope',
      seen: spare(idle, [
        { scopes: [SCOPE, OTHER], unread: [{ scope: OTHER, what: 'jobs', runId: null, why: '' }] },
      ]),
      effects: ['retire j1 not-needed'],
    },
    { title: 'not before the first poll', seen: { ...spare(idle, [{}]), github: UNASKED } },
    {
      title: 'not while GitHub limits us',
      seen: spare(idle, [{ limitedUntil: NOW + 1 }]),
    },
    {
      title: 'not by a poll that is older than its phase',
      seen: spare({ ...idle, since: NOW - SECOND }, [{}]),
    },
    {
      title: 'not one that GitHub calls busy',
      seen: spare(idle, [{ runners: [runner('j1', { busy: true })] }]),
    },
    {
      title: 'not one that is only promised: its start is about to begin or to be found cut short',
      seen: { ...spare({ ...idle, phase: 'reserved' }, [{}]), host: { ok: false, why: '' } },
    },
    { title: 'not one whose id nobody knows', seen: spare({ ...idle, runnerId: null }, [{}]) },
    {
      title: 'not one that an effect is at work on',
      seen: { ...spare(idle, [{}]), inFlight: new Set(['j1']) },
    },
    { title: 'not one that works', seen: spare({ ...idle, phase: 'busy' }, [{}]) },
    {
      title: 'of several, as many as are too many, the newest of those that came up last',
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
