import type { Finished, Instance, Stages, State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';

/** Times that are over by `NOW`, and by `WALL`: older ledgers hold them by the wall clock. */
const STAGES: Stages = {
  queuedAt: 1_795_000_000_000,
  seenAt: 1_795_000_001_234,
  reservedAt: 1_795_000_001_240,
  startedAt: 1_795_000_001_400,
  readyAt: 1_795_000_001_900,
  onlineAt: null,
  busyAt: null,
  endedAt: null,
  gone: null,
};

const JOB = { id: null, runId: 9_876_543_210, runAttempt: 1, repository: 'owner/repo' };

/** A state with every kind of entry, `size` of each. */
export function fullState(size: number): State {
  const each = <T>(make: (n: number) => T): T[] => Array.from({ length: size }, (_, n) => make(n));
  return {
    ...EMPTY_STATE,
    instances: each(instance),
    finished: each(finished),
    debts: each((n) => ({
      runnerName: `host-j${n}`,
      runnerId: n,
      scope: 'owner/repo',
      since: 1,
      reason: n % 2 === 0 ? null : 'GitHub refuses: busy',
      attempts: n,
      nextTry: 2,
    })),
    failures: each((n) => ({
      className: `class-${n}`,
      scope: 'o/r',
      shape: 'ci,x64,',
      count: n,
      lastAt: 2,
      thirdAt: n < 3 ? null : 1,
      until: 3,
      detail: 'Ü "quoted"\n',
    })),
    suspects: each((n) => ({
      runnerName: `host-j${n}-abcd1234`,
      name: `j${n}`,
      className: 'default',
      scope: 'owner/repo',
      system: n % 2 === 0 ? null : '/nix/store/system',
      forJob: n,
      forAttempt: 1,
      reason: 'exited-idle',
      detail: 'exit status 0',
      madeAt: 1,
      endedAt: 2,
    })),
    ghosts: each((n) => ({
      jobId: n,
      runAttempt: 1,
      className: 'default',
      scope: 'owner/repo',
      strikes: 2,
      since: 3,
      lastAt: 4.5,
    })),
    given: each((n) => ({ className: `class-${n}`, scope: 'owner/repo', at: n })),
    claimed: each((n) => ({
      className: 'default',
      scope: 'owner/repo',
      runnerName: `host-j${n}-abcd1234`,
      at: 5,
      endedAt: null,
      forJob: n,
      runId: null,
    })),
    answeredAt: { 'owner/repo': 1_795_000_002_000 },
  };
}

function instance(n: number): Instance {
  return {
    name: `j${n}`,
    className: 'default',
    scope: 'owner/repo',
    subnet: n % 256,
    runnerName: `host-j${n}-abcd1234`,
    runnerId: null,
    forJob: 41_234_567_000 + n,
    forAttempt: 1,
    system: n % 2 === 0 ? null : '/nix/store/system',
    registered: true,
    phase: n % 2 === 0 ? 'busy' : 'stopping',
    since: 1_795_000_001_240,
    unansweredFor: 0,
    stages: STAGES,
    job: n % 2 === 0 ? JOB : null,
    refusedAt: n === 0 ? null : 6,
    overSince: n === 0 ? null : 7,
    stop: n % 2 === 0 ? null : { reason: 'job-finished', clean: false, detail: 'exit status 0' },
  };
}

function finished(n: number): Finished {
  return {
    name: `j${n}`,
    runnerName: `host-j${n}-abcd1234`,
    className: 'default',
    scope: 'owner/repo',
    forJob: 41_234_567_000 + n,
    job: JOB,
    reason: 'job-finished',
    detail: 'exit status 0',
    stages: STAGES,
  };
}
