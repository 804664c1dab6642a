import { History } from './control/history.ts';
import {
  accept,
  conclusionInput,
  runInput,
  singleJobInput,
  specsOf,
  type RunInput,
  type SingleJobInput,
} from './control/input.ts';
import { reportOf, stateOf, type Report, type State } from './control/report.ts';
import type { SimulatorOptions, Switches, TokenOptions } from './options.ts';
import { Faults, type FaultRule } from './rest/faults.ts';
import { Identities } from './rest/identity.ts';
import { RateLimiter, type LimitKind } from './rest/rate-limit.ts';
import { RunnerSessions } from './runner/sessions.ts';
import { HttpFailure } from './world/failure.ts';
import type { Conclusion, Job } from './world/model.ts';
import { Registry } from './world/registry.ts';
import { rerun, type RerunScope } from './world/rerun.ts';
import {
  advanceRun,
  approveRun,
  cancelJob,
  cancelRun,
  finishJob,
  startRun,
  withdrawOffers,
} from './world/runs.ts';
import { loseRunner, passTime } from './world/timers.ts';
import { waitForChange, type WaitOptions } from './world/waiting.ts';
import { World } from './world/world.ts';

/** How often the passing of time is taken into account when nothing else happens, in real milliseconds. */
const PULSE_MS = 100;

/** The token that works when no tokens are configured. */
export const DEFAULT_TOKEN: TokenOptions = { token: 'fake-token', login: 'octo' };

/**
 * A GitHub with a memory and without a network, for tests and the demo.
 * Runs until disposed. Methods throw HttpFailure as GitHub would answer.
 */
export class SimulatedGithub {
  readonly world: World;
  readonly registry: Registry;
  /** The sessions of simulated runners. */
  readonly sessions: RunnerSessions;
  readonly identities: Identities;
  readonly faults: Faults;
  readonly limiter: RateLimiter;
  readonly history = new History();
  readonly #pulse: NodeJS.Timeout;
  #catchingUp = false;
  #due = false;

  constructor(options: SimulatorOptions = {}) {
    this.world = new World(options.repos ?? ['o/r'], options.seed ?? 1, options.switches ?? {});
    this.registry = new Registry(this.world);
    this.sessions = new RunnerSessions(this.world);
    this.identities = new Identities(options.tokens ?? [DEFAULT_TOKEN]);
    this.faults = new Faults(this.world.random);
    this.limiter = new RateLimiter(() => this.world.now(), this.world.switches);
    this.world.changes.on('changed', this.#catchUpSoon);
    this.#pulse = setInterval(this.catchUp, PULSE_MS);
    this.#pulse.unref();
  }

  /** Does everything that is due by now. */
  readonly catchUp = (): void => {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      if (passTime(this.world)) this.world.changed();
    } finally {
      this.#catchingUp = false;
    }
  };

  /** Starts a run; jobs without `needs` are queued at once. */
  createRun(input: RunInput): { runId: number; jobIds: number[] } {
    const given = accept(runInput, input);
    const repo = given.repo === undefined ? this.world.repos[0] : this.world.repo(given.repo);
    if (repo === undefined) throw new HttpFailure(404, `no repository ${given.repo ?? ''}`);
    const group = typeof given.concurrency === 'string' ? { group: given.concurrency } : given.concurrency;
    const run = startRun(this.world, repo, specsOf(given.jobs), {
      event: given.event ?? 'push',
      concurrency:
        group === undefined
          ? null
          : {
              group: group.group,
              cancelInProgress: 'cancelInProgress' in group && group.cancelInProgress === true,
              queueMax: 'queue' in group && group.queue === 'max',
            },
    });
    return { runId: run.id, jobIds: run.jobs.map((job) => job.id) };
  }

  /** A run of one job. */
  createJob(input: SingleJobInput): { runId: number; jobId: number } {
    const { repo, ...job } = accept(singleJobInput, input);
    const { runId, jobIds } = this.createRun({ jobs: [job], ...(repo === undefined ? {} : { repo }) });
    return { runId, jobId: jobIds[0] as number };
  }

  cancelRun(runId: number, force = false): void {
    cancelRun(this.world, this.world.run(runId), force);
  }

  /** Ends one job, as its cancelled run would: at once when nobody has it, else by asking its runner. */
  cancelJob(jobId: number): void {
    const job = this.world.job(jobId);
    cancelJob(this.world, job);
    this.#advanced(job);
  }

  rerun(runId: number, scope: RerunScope = 'all'): void {
    rerun(this.world, this.world.run(runId), scope);
  }

  approve(runId: number, environment?: string): void {
    approveRun(this.world, this.world.run(runId), environment);
  }

  /** Makes a job run on a runner that exists nowhere else, as a hosted one would. */
  startJob(jobId: number, runnerName = 'elsewhere-1'): void {
    const job = this.world.job(jobId);
    withdrawOffers(this.world, job);
    this.world.setJob(job, { status: 'in_progress', runnerId: 1, runnerName });
    this.world.changed();
  }

  /** Ends a job whatever its runner does. */
  completeJob(jobId: number, conclusion: Conclusion = 'success'): void {
    const job = this.world.job(jobId);
    withdrawOffers(this.world, job);
    finishJob(this.world, job, accept(conclusionInput, conclusion));
    this.#advanced(job);
  }

  /**
   * Breaks the connection to a runner: it is offline, and a job that it has keeps it busy for ten virtual minutes.
   */
  loseRunner(runnerId: number): void {
    const runner = this.world.runners.get(runnerId);
    if (runner === undefined) throw new HttpFailure(404, `no runner ${runnerId}`);
    loseRunner(this.world, runner);
    this.world.changed();
  }

  /** The old name goes on working, by redirect. */
  renameRepo(from: string, to: string): void {
    const repo = this.world.repo(from);
    if (repo === undefined) throw new HttpFailure(404, `no repository ${from}`);
    repo.oldNames.push(repo.name.toLowerCase());
    repo.name = to;
    this.world.changed();
  }

  /** Moves virtual time forward and does what becomes due. */
  advance(ms: number): void {
    this.world.clock.advance(ms);
    this.catchUp();
    this.world.changed();
  }

  configure(switches: Partial<Switches>): void {
    Object.assign(this.world.switches, switches);
    this.world.changed();
  }

  addFaults(rules: readonly FaultRule[]): void {
    this.faults.add(rules);
  }

  clearFaults(): void {
    this.faults.clear();
  }

  /** Puts a login (default: that of the default token) under a rate limit. */
  limit(kind: LimitKind, seconds: number, login = DEFAULT_TOKEN.login): void {
    this.limiter.limit(login, kind, seconds);
  }

  report(): Report {
    return reportOf(this.world, this.history);
  }

  /** The present state; with `all`, runners that are gone too. */
  state(all = false): State {
    this.catchUp();
    return stateOf(this.world, all);
  }

  /**
   * Resolves with the first answer of `probe` that is neither undefined nor false; asks after every change.
   * Rejects after `timeoutMs` (default 60,000) or when the signal is aborted.
   */
  async waitFor<T>(probe: (state: State) => T | undefined | false, options: WaitOptions = {}): Promise<T> {
    const found = await waitForChange(
      this.world,
      () => {
        const answer = probe(stateOf(this.world, true));
        return answer === undefined || answer === false ? undefined : { answer };
      },
      options,
    );
    if (found === undefined) throw new Error('the simulated GitHub did not reach the awaited state in time');
    return found.answer;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pulse);
    this.world.changes.removeAllListeners();
  }

  /** A change may make more due. That is done once the code of the change has finished. */
  readonly #catchUpSoon = (): void => {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.catchUp();
    });
  };

  #advanced(job: Job): void {
    advanceRun(this.world, job.run);
    this.world.changed();
  }
}
