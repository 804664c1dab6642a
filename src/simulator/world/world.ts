/**
 * The memory and the rules of the simulated GitHub: runs, jobs and runners, and what time does to them. Nothing here knows
 * HTTP. Start with `World`; `timers.ts` and `assign.ts` are what GitHub does by itself.
 */

import { EventEmitter } from 'node:events';

import { defaultSwitches, type RepoOptions, type Switches } from '../options.ts';
import { VirtualClock } from './clock.ts';
import { HttpFailure } from './failure.ts';
import type {
  Attempt,
  Concurrency,
  Job,
  JobSpec,
  JobState,
  Repo,
  Run,
  Runner,
  RunnerState,
} from './model.ts';
import { hex, seededRandom, type Random } from './random.ts';
import { Timeline } from './timeline.ts';

/** Ids are as long as GitHub's, because short ones would not show truncation. */
const FIRST_RUN_ID = 19_000_000_000;
const FIRST_JOB_ID = 41_200_000_000;
const FIRST_REPO_ID = 700_000_001;

export type Counters = {
  created: number;
  deleted: number;
  autoRemoved: number;
  busyNow: number;
  busyMost: number;
};

/**
 * The memory of the simulated GitHub: what exists, what it was before, and the ids that were given out. The rules of
 * GitHub are kept by the code that changes it; the world itself only sees to it that an id is used once. `changed`
 * fires after every change, for those who wait.
 */
export class World {
  readonly clock = new VirtualClock();
  readonly switches: Switches;
  readonly random: Random;
  /**
   * Random numbers for ids and keys. They are apart from `random`, so that more requests do not change who gets a
   * job.
   */
  readonly noise: Random;
  readonly repos: readonly Repo[];
  readonly runs = new Map<number, Run>();
  readonly jobs = new Map<number, Job>();
  /** Jobs that are not completed, the only ones that time and assignment concern. */
  readonly openJobs = new Set<Job>();
  /** Every runner that ever existed. */
  readonly runners = new Map<number, Runner>();
  readonly liveRunners = new Set<Runner>();
  readonly counters: Counters = { created: 0, deleted: 0, autoRemoved: 0, busyNow: 0, busyMost: 0 };
  readonly changes = new EventEmitter<{ changed: [] }>();
  #lastRunId = FIRST_RUN_ID;
  #lastJobId = FIRST_JOB_ID;
  #lastRunnerId = 20;
  #runNumber = 0;

  constructor(repos: readonly RepoOptions[], seed: number, switches: Partial<Switches>) {
    this.switches = { ...defaultSwitches, ...switches };
    this.random = seededRandom(seed);
    this.noise = seededRandom(seed + 1);
    this.changes.setMaxListeners(0);
    this.repos = repos.map((entry, index) => {
      const repo = typeof entry === 'string' ? { name: entry } : entry;
      return { id: FIRST_REPO_ID + index, name: repo.name, private: repo.private ?? true, oldNames: [] };
    });
  }

  now(): number {
    return this.clock.now();
  }

  changed(): void {
    this.changes.emit('changed');
  }

  repo(name: string): Repo | undefined {
    return this.repos.find((repo) => repo.name.toLowerCase() === name.toLowerCase());
  }

  /** The run, or the 404 GitHub would give. */
  run(id: number, repo?: Repo): Run {
    const run = this.runs.get(id);
    if (run === undefined || (repo !== undefined && run.repo !== repo))
      throw new HttpFailure(404, 'Not Found');
    return run;
  }

  job(id: number, repo?: Repo): Job {
    const job = this.jobs.get(id);
    if (job === undefined || (repo !== undefined && job.run.repo !== repo))
      throw new HttpFailure(404, 'Not Found');
    return job;
  }

  addRun(
    repo: Repo,
    specs: readonly JobSpec[],
    more: { event: string; concurrency: Concurrency | null; held: boolean },
  ): Run {
    this.#lastRunId += 1 + Math.floor(this.noise() * 40);
    this.#runNumber += 1;
    const now = this.now();
    const run: Run = {
      id: this.#lastRunId,
      repo,
      number: this.#runNumber,
      headSha: hex(this.noise, 40),
      createdAt: now,
      specs,
      attempts: [{ number: 1, startedAt: now, completedAt: null }],
      jobs: [],
      ...more,
    };
    this.runs.set(run.id, run);
    return run;
  }

  addJob(run: Run, attempt: Attempt, spec: JobSpec, state: Partial<JobState>): Job {
    const now = this.now();
    const id = this.#jobId(attempt.number === 1 ? spec.id : null);
    const full: JobState = {
      status: 'queued',
      conclusion: null,
      startedAt: now,
      completedAt: null,
      runnerId: null,
      runnerName: null,
      ...state,
    };
    const job: Job = {
      id,
      run,
      attempt: attempt.number,
      spec,
      createdAt: now,
      timeline: new Timeline(now, full),
      queuedAt: full.status === 'queued' ? now : null,
      approved: false,
      cancelRequestedAt: null,
      note: null,
      executions: [],
    };
    run.jobs.push(job);
    this.jobs.set(id, job);
    if (full.status !== 'completed') this.openJobs.add(job);
    return job;
  }

  setJob(job: Job, change: Partial<JobState>): void {
    const before = job.timeline.current;
    const now = this.now();
    job.timeline.set(now, { ...before, ...change });
    if (change.status === 'queued') job.queuedAt = now;
    if (change.status === 'completed') this.openJobs.delete(job);
  }

  addRunner(fields: Pick<Runner, 'repo' | 'name' | 'labels' | 'ephemeral' | 'mode' | 'clientId'>): Runner {
    this.#lastRunnerId += 1;
    const now = this.now();
    const runner: Runner = {
      id: this.#lastRunnerId,
      ...fields,
      madeFor: /-j(\d{1,7})[a-z]?-/u.exec(fields.name)?.[1] ?? null,
      createdAt: now,
      timeline: new Timeline<RunnerState>(now, { exists: true, status: 'offline', busy: false }),
      os: 'unknown',
      version: null,
      session: null,
      sessionsOpened: 0,
      offer: null,
      job: null,
      spentAt: null,
      idleSince: now,
      lostAt: null,
      removal: null,
    };
    this.runners.set(runner.id, runner);
    this.liveRunners.add(runner);
    this.counters.created += 1;
    return runner;
  }

  setRunner(runner: Runner, change: Partial<RunnerState>): void {
    const before = runner.timeline.current;
    const after = { ...before, ...change };
    runner.timeline.set(this.now(), after);
    if (after.busy && !before.busy) this.counters.busyNow += 1;
    if (!after.busy && before.busy) this.counters.busyNow -= 1;
    this.counters.busyMost = Math.max(this.counters.busyMost, this.counters.busyNow);
  }

  /** Removes the record. Its session, if there is one, learns that at its next request. */
  removeRunner(runner: Runner, how: 'deleted' | 'auto'): void {
    if (runner.removal !== null) return;
    runner.removal = how;
    this.counters[how === 'deleted' ? 'deleted' : 'autoRemoved'] += 1;
    this.liveRunners.delete(runner);
    this.setRunner(runner, { exists: false, status: 'offline', busy: false });
  }

  #jobId(wanted: number | null): number {
    if (wanted !== null) {
      if (this.jobs.has(wanted)) throw new HttpFailure(409, `job id ${wanted} has been used: choose another`);
      this.#lastJobId = Math.max(this.#lastJobId, wanted);
      return wanted;
    }
    this.#lastJobId += 1 + Math.floor(this.noise() * 90);
    return this.#lastJobId;
  }
}
