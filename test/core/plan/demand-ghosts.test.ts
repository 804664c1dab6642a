import { describe, expect, it } from 'vitest';

import type { Ghost } from '../../../src/core/model.ts';
import type { Row } from '../../support/builders.ts';
import {
  container,
  host,
  HOUR,
  instance,
  job,
  judged,
  MINUTE,
  NOW,
  SCOPE,
  snapshot,
  state,
} from '../../support/builders.ts';

function check(rows: readonly Row[]): void {
  it.each(rows)('$title', (row) => {
    const { is, should } = judged(row);
    expect(is).toEqual(should);
  });
}

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
    { title: 'a job whose runners idled twice is held', seen: haunted({}), holds: ['1 waiting-for-github'] },
    { title: 'once is not enough', seen: haunted({ strikes: 1 }), ...made },
    {
      title: 'other jobs are not held',
      seen: haunted({ jobId: 7 }),
      ...made,
      changes: ['hold-released 7', 'reserve j1'],
    },
    {
      title: 'an hour later it is a job again',
      seen: haunted({ lastAt: NOW - HOUR }),
      ...made,
      changes: ['hold-released 1', 'reserve j1'],
    },
    {
      title: 'not a millisecond before',
      seen: haunted({ lastAt: NOW - HOUR + 1 }),
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
      title: 'a held job needs no runner',
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
      title: 'draining says so of a held job too',
      seen: haunted({ strikes: 1 }, { draining: true }),
      holds: ['1 draining'],
    },
  ]);
});
