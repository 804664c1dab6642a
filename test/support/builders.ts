import type { Effect } from '../../src/core/effect.ts';
import { Known } from '../../src/core/known/known.ts';
import type { Debt, Failure, Ghost, Instance, State, Suspect } from '../../src/core/model.ts';
import { EMPTY_STATE, NO_STAGES } from '../../src/core/model.ts';
import type { Random } from '../../src/core/naming.ts';
import type { Container, HostObservation, Job, JobSignal, Runner, Seen } from '../../src/core/observation.ts';
import { shapeOf } from '../../src/core/plan/failures.ts';
import type { Observed } from '../../src/core/plan/observed.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { plan } from '../../src/core/plan/plan.ts';
import type { Policy, RunnerClass } from '../../src/core/policy.ts';
import { describeChange } from '../core/describe-change.ts';
import { knownFrom, type Poll } from './polls.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** When every table plays, days after the boot of its host; everything in a row is before or after it. */
export const NOW = 100 * HOUR;
/** What GitHub's clock says then, and the host's. */
export const WALL = Date.UTC(2026, 10, 20, 12, 0, 0);
export const SCOPE = 'o/r';
export const CONTROLLER_ID = '7f2ac0de';

/** Draws that depend on the seed alone (mulberry32). */
export function draws(seed = 1): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function runnerClass(over: Partial<RunnerClass> = {}): RunnerClass {
  return {
    name: 'default',
    labels: ['self-hosted', 'ci'],
    max: 7,
    jobTimeout: 2 * HOUR,
    system: null,
    ...over,
  };
}

export function policy(over: Partial<Policy> = {}): Policy {
  return {
    classes: [runnerClass()],
    maxConcurrent: 7,
    pollInterval: 10 * SECOND,
    startupTimeout: 5 * MINUTE,
    idleTimeout: 5 * MINUTE,
    jobTimeout: 2 * HOUR,
    subnets: [100, 101, 102, 103, 104, 105, 106, 107],
    minFreeDisk: 1_000,
    namePrefix: 'ci01',
    controllerId: CONTROLLER_ID,
    ...over,
  };
}

/** A queued job of run 1; older the smaller its id. */
export function job(id: number, over: Partial<Job> = {}): Job {
  return {
    id,
    runId: 1,
    runAttempt: 1,
    repository: SCOPE,
    scope: SCOPE,
    status: 'queued',
    labels: ['ci'],
    queuedAt: WALL - HOUR + id,
    runnerName: null,
    ...over,
  };
}

/** The name of the runner that `instance` of this name has. */
export function runnerOf(name: string): string {
  return `ci01-${name}-7f2a0000`;
}

export function runner(name: string, over: Partial<Runner> = {}): Runner {
  return { id: 77, name: runnerOf(name), scope: SCOPE, online: true, busy: false, ...over };
}

export function signal(over: Partial<JobSignal> = {}): JobSignal {
  return { runId: 1, runAttempt: 1, repository: SCOPE, ...over };
}

/** A running container, ready since half a minute ago. */
export function container(name: string, over: Partial<Container> = {}): Container {
  return {
    name,
    state: 'running',
    startedAt: NOW - MINUTE,
    readyAt: NOW - MINUTE / 2,
    exit: null,
    started: null,
    completed: null,
    mark: null,
    ...over,
  };
}

/** An idle instance, promised and started a minute ago, whose runner GitHub knows as 77. */
export function instance(name: string, over: Partial<Instance> = {}): Instance {
  const since = over.since ?? NOW - MINUTE;
  const phase = over.phase ?? 'idle';
  const started = phase !== 'reserved';
  const joined = started && phase !== 'starting';
  return {
    name,
    className: 'default',
    scope: SCOPE,
    subnet: 100,
    runnerName: runnerOf(name),
    runnerId: started ? 77 : null,
    forJob: Number(/\d+/.exec(name)?.[0] ?? 0),
    forAttempt: 1,
    system: null,
    registered: true,
    unansweredFor: 0,
    job: null,
    refusedAt: null,
    overSince: null,
    stop: phase === 'stopping' ? { reason: 'job-finished', clean: false, detail: 'exit 0' } : null,
    ...over,
    phase,
    since,
    stages: {
      ...NO_STAGES,
      queuedAt: WALL + since - NOW,
      seenAt: since,
      reservedAt: since,
      startedAt: started ? since : null,
      readyAt: started ? since : null,
      onlineAt: joined ? since : null,
      ...over.stages,
    },
  };
}

export function debt(name: string, over: Partial<Debt> = {}): Debt {
  return {
    runnerName: runnerOf(name),
    runnerId: 77,
    scope: SCOPE,
    since: NOW - MINUTE,
    reason: null,
    attempts: 0,
    nextTry: NOW,
    ...over,
  };
}

/** A start of the one class that failed half a minute ago, and whose next try is half a minute away. */
export function failure(over: Partial<Failure> = {}): Failure {
  return {
    className: 'default',
    scope: SCOPE,
    shape: shapeOf(runnerClass()),
    count: 1,
    lastAt: NOW - MINUTE / 2,
    thirdAt: null,
    until: NOW + MINUTE / 2,
    detail: 'no',
    ...over,
  };
}

/** A container that ended well two minutes ago, before a job was seen in it. */
export function suspect(name: string, over: Partial<Suspect> = {}): Suspect {
  return {
    runnerName: runnerOf(name),
    name,
    className: 'default',
    scope: SCOPE,
    system: null,
    forJob: Number(/\d+/.exec(name)?.[0] ?? 0),
    forAttempt: 1,
    reason: 'exited-idle',
    detail: 'exit 0',
    madeAt: NOW - 3 * MINUTE,
    endedAt: NOW - 2 * MINUTE,
    ...over,
  };
}

/** Job 1, for which two runners idled in vain; the last until a second ago. */
export function ghost(over: Partial<Ghost> = {}): Ghost {
  return {
    jobId: 1,
    runAttempt: 1,
    className: 'default',
    scope: SCOPE,
    strikes: 2,
    since: NOW - 10 * MINUTE,
    lastAt: NOW - SECOND,
    ...over,
  };
}

export function state(over: Partial<State> = {}): State {
  return { ...EMPTY_STATE, answeredAt: { [SCOPE]: NOW - 2 * SECOND }, ...over };
}

/** A complete poll of GitHub, asked for a second ago. */
export function poll(over: Partial<Poll> = {}): Poll {
  return {
    askedAt: NOW - SECOND,
    scopes: [...new Set([SCOPE, ...(over.jobs ?? []).map(({ scope }) => scope)])],
    jobs: [],
    runners: [],
    unread: [],
    limitedUntil: null,
    ...over,
  };
}

/** What one poll, or several in order, come to. */
export function snapshot(...polls: readonly Partial<Poll>[]): Known {
  return knownFrom((polls.length === 0 ? [{}] : polls).map(poll));
}

/** Before anything was answered. */
export const UNASKED = new Known([SCOPE], () => true);

/** A readable host, asked a moment ago. */
export function host(over: Partial<HostObservation> = {}): Seen<HostObservation> {
  return {
    ok: true,
    value: { askedAt: NOW - 1, containers: [], namesInUse: [], subnetsInUse: [], freeDisk: null, ...over },
  };
}

export const UNREAD_HOST: Seen<HostObservation> = { ok: false, why: 'systemctl did not answer' };

export function seen(over: Partial<Observed> = {}): Observed {
  return {
    state: state(),
    github: snapshot(),
    host: host(),
    inFlight: new Set(),
    draining: false,
    ...over,
  };
}

/** An effect in one line. */
function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'start':
      return `start ${effect.name}`;
    case 'retire':
      return `retire ${effect.name} ${effect.reason}`;
    case 'destroy':
      return `destroy ${effect.name}${effect.clean ? ' cleanly' : ''}`;
    case 'deregister-orphan':
      return `deregister-orphan ${effect.runnerName}`;
  }
}

/** A plan as text: changes but for GitHub's bare answer, effects, and holds as `job reason`. */
export interface Said {
  readonly changes: readonly string[];
  readonly effects: readonly string[];
  readonly holds: readonly string[];
}

export function said(one: Plan): Said {
  return {
    changes: one.changes.map(describeChange).filter((line) => line !== 'answered'),
    effects: one.effects.map(describeEffect),
    holds: one.holds.map((hold) => `${hold.job.id} ${hold.reason}`),
  };
}

/** What the plan for an observation says. */
export function planned(over: Partial<Observed>, by: Partial<Policy> = {}, now = NOW): Said {
  return said(plan(seen(over), policy(by), now, draws()));
}

/** One row of a table: a sentence, a world, and what is to be said of it; what is left out is to be empty. */
export interface Row {
  readonly title: string;
  readonly seen: Partial<Observed>;
  readonly policy?: Partial<Policy>;
  readonly changes?: readonly string[];
  readonly effects?: readonly string[];
  readonly holds?: readonly string[];
}

/** Both sides of a row's comparison. */
export function judged(row: Row): { readonly is: Said; readonly should: Said } {
  const { changes = [], effects = [], holds = [] } = row;
  return { is: planned(row.seen, row.policy), should: { changes, effects, holds } };
}
