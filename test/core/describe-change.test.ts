import { expect, it } from 'vitest';

import type { Change } from '../../src/core/change.ts';
import { debt, instance, NOW, runnerOf } from '../support/builders.ts';
import { describeChange } from './describe-change.ts';

it.each<{ readonly change: Change; readonly is: string }>([
  { change: { kind: 'reserve', instance: instance('j1') }, is: 'reserve j1' },
  { change: { kind: 'adopt', instance: instance('j1') }, is: 'adopt j1' },
  {
    change: {
      kind: 'stop',
      name: 'j1',
      reason: 'idle-timeout',
      clean: false,
      detail: "a stranger's text",
      at: NOW,
      deregistered: true,
    },
    is: 'stop j1 idle-timeout',
  },
  { change: { kind: 'rename', name: 'j1', runnerName: 'r2', at: NOW }, is: 'rename j1 r2' },
  { change: { kind: 'registered', name: 'j1', runnerId: 5 }, is: 'registered j1' },
  { change: { kind: 'started', name: 'j1', at: NOW }, is: 'started j1' },
  { change: { kind: 'ready', name: 'j1', at: NOW }, is: 'ready j1' },
  { change: { kind: 'online', name: 'j1', at: NOW }, is: 'online j1' },
  { change: { kind: 'busy', name: 'j1', at: NOW, job: null }, is: 'busy j1' },
  {
    change: { kind: 'job', name: 'j1', job: { id: 1, runId: 1, runAttempt: 1, repository: 'o/r' }, at: NOW },
    is: 'job j1',
  },
  { change: { kind: 'release', name: 'j1', at: NOW, grace: 0 }, is: 'release j1' },
  {
    change: {
      kind: 'failed',
      className: 'big',
      scope: 'o/r',
      shape: 'ci,',
      madeAt: NOW,
      endedAt: NOW,
      at: NOW,
      chance: 0,
      detail: 'x',
    },
    is: 'failed big',
  },
  {
    change: { kind: 'failures-cleared', className: 'big', scope: 'o/r' },
    is: 'failures-cleared big',
  },
  { change: { kind: 'settled', runnerName: 'r', hadJob: true }, is: 'settled r had a job' },
  { change: { kind: 'settled', runnerName: 'r', hadJob: false }, is: 'settled r had none' },
  { change: { kind: 'orphan-found', debt: debt('j1') }, is: `orphan-found ${runnerOf('j1')}` },
  { change: { kind: 'debt-cleared', runnerName: 'r' }, is: 'debt-cleared r' },
  {
    change: { kind: 'refused', runnerName: 'r', runnerId: 1, reason: 'busy', nextTry: NOW, attempt: true },
    is: 'refused r',
  },
  { change: { kind: 'hold-released', jobId: 9 }, is: 'hold-released 9' },
  { change: { kind: 'answered', scope: 'o/r', at: NOW, slack: 0 }, is: 'answered' },
])('$is', ({ change, is }) => {
  expect(describeChange(change)).toBe(is);
});
