import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

import type { Instance } from '../src/core/model.ts';
import { EMPTY_STATE } from '../src/core/model.ts';
import type { Container, Job, Runner } from '../src/core/observation.ts';
import type { Observed } from '../src/core/plan/observed.ts';
import { plan } from '../src/core/plan/plan.ts';
import type { Policy } from '../src/core/policy.ts';
import { knownFrom } from '../test/support/polls.ts';

/** How long one plan takes with so many queued jobs. */
export interface PlannerFigure {
  readonly jobs: number;
  readonly instances: number;
  /** Milliseconds, the median of `runs`. */
  readonly median: number;
  readonly runs: number;
}

const INSTANCES = 100;
const SCOPE = 'octo/repository';
const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const SIZES = [1_000, 10_000, 100_000];

const POLICY: Policy = {
  classes: [
    {
      name: 'default',
      labels: ['self-hosted', 'ci', 'nix', 'x64', 'Linux'],
      max: 60,
      jobTimeout: 7_200_000,
      system: null,
    },
    {
      name: 'big',
      labels: ['self-hosted', 'ci', 'big', 'x64', 'Linux'],
      max: 30,
      jobTimeout: 7_200_000,
      system: null,
    },
    {
      name: 'gpu',
      labels: ['self-hosted', 'ci', 'gpu', 'x64', 'Linux'],
      max: 20,
      jobTimeout: 7_200_000,
      system: null,
    },
  ],
  maxConcurrent: 100,
  pollInterval: 10_000,
  startupTimeout: 300_000,
  idleTimeout: 300_000,
  jobTimeout: 7_200_000,
  subnets: Array.from({ length: 150 }, (_, n) => 100 + n),
  minFreeDisk: 0,
  namePrefix: 'ci01',
  controllerId: '7f2ac0de',
};

const ASKED: readonly (readonly string[])[] = [
  ['self-hosted', 'Linux', 'x64'],
  ['self-hosted', 'nix'],
  ['self-hosted', 'big'],
  ['self-hosted', 'gpu', 'CI'],
  ['self-hosted', 'windows'],
];

/** A host that is all but full: of a hundred instances forty work, twenty of them since the last look at GitHub. */
function observed(count: number): Observed {
  const jobs = Array.from({ length: count }, (_, n): Job => ({
    id: 41_000_000_000 + n,
    runId: Math.floor(n / 20),
    runAttempt: 1,
    repository: SCOPE,
    scope: SCOPE,
    status: 'queued',
    labels: ASKED[n % ASKED.length] ?? [],
    // Runs come in the order of time, the jobs of neighbouring runs mixed.
    queuedAt: NOW - 36_000_000 + n * 100 + ((n * 7_919) % 20_000),
    runnerName: null,
  }));
  const instances = Array.from({ length: INSTANCES }, (_, n) => instanceOf(n));
  const containers = instances.map((one): Container => ({
    name: one.name,
    state: 'running',
    startedAt: one.since,
    readyAt: one.since,
    exit: null,
    started: null,
    completed: null,
    mark: null,
  }));
  const runners = instances.map((one, n): Runner => ({
    id: n,
    name: one.runnerName,
    scope: SCOPE,
    online: one.phase !== 'starting',
    busy: one.phase === 'busy',
  }));
  const claimed = instances.slice(0, 20).map(({ className, scope, runnerName, forJob }) => ({
    className,
    scope,
    runnerName,
    at: NOW,
    endedAt: null,
    forJob,
    runId: null,
    unproven: false,
  }));
  const askedAt = NOW - 1_000;
  return {
    state: { ...EMPTY_STATE, instances, claimed, answeredAt: { [SCOPE]: askedAt } },
    github: knownFrom([{ askedAt, scopes: [SCOPE], jobs, runners, unread: [], limitedUntil: null }]),
    host: {
      ok: true,
      value: {
        askedAt: NOW - 1,
        containers,
        namesInUse: containers.map(({ name }) => name),
        subnetsInUse: [],
        freeDisk: null,
      },
    },
    inFlight: new Set(),
    draining: false,
  };
}

function instanceOf(n: number): Instance {
  const name = `j${String(n).padStart(7, '0')}`;
  const since = NOW - 60_000 - n;
  const phase = n % 5 < 2 ? 'busy' : n % 5 < 4 ? 'idle' : 'starting';
  return {
    name,
    className: POLICY.classes[n % 10 < 6 ? 0 : n % 10 < 9 ? 1 : 2]?.name ?? '',
    scope: SCOPE,
    subnet: 100 + n,
    runnerName: `ci01-${name}-7f2a0000`,
    runnerId: n,
    forJob: 41_000_000_000 + n,
    forAttempt: 1,
    system: null,
    registered: true,
    phase,
    since,
    unansweredFor: 0,
    stages: {
      queuedAt: since,
      seenAt: since,
      reservedAt: since,
      startedAt: since,
      readyAt: since,
      onlineAt: phase === 'starting' ? null : since,
      busyAt: phase === 'busy' ? since : null,
      endedAt: null,
      gone: null,
    },
    job: null,
    refusedAt: null,
    overSince: null,
    stop: null,
  };
}

/** Measures one plan for each size, on the core that runs this. */
export function benchPlanner(sizes: readonly number[] = SIZES): readonly PlannerFigure[] {
  return sizes.map((jobs) => {
    const seen = observed(jobs);
    const runs = jobs >= 100_000 ? 15 : 60;
    const once = (): number => {
      const began = performance.now();
      plan(seen, POLICY, NOW, () => 0.5);
      return performance.now() - began;
    };
    for (let n = 0; n < 10; n += 1) once();
    const times = Array.from({ length: runs }, once).sort((a, b) => a - b);
    return { jobs, instances: INSTANCES, median: times[Math.floor(runs / 2)] ?? 0, runs };
  });
}

/** The figures in lines, with how much ten times as many jobs cost. */
export function describePlanner(figures: readonly PlannerFigure[]): readonly string[] {
  return figures.map(({ jobs, instances, median }, at) => {
    const before = figures[at - 1];
    const ratio =
      before === undefined ? '' : `  ${(median / before.median).toFixed(1)} × that of ${before.jobs}`;
    return `plan of ${jobs} queued jobs, ${instances} instances: ${median.toFixed(2)} ms median${ratio}`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of describePlanner(benchPlanner())) console.log(line);
}
