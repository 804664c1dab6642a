/**
 * The side of the simulated GitHub that runners talk to. Start with `RunnerSessions`; `api.ts` offers it over HTTP, and
 * `stand-in-runner.ts` is a whole runner that uses it.
 */

import { HttpFailure } from '../world/failure.ts';
import type { Conclusion, Job, Runner, Session } from '../world/model.ts';
import { hex } from '../world/random.ts';
import { advanceRun, finishJob, withdrawOffers } from '../world/runs.ts';
import { loseRunner } from '../world/timers.ts';
import { waitForChange, type WaitOptions } from '../world/waiting.ts';
import type { World } from '../world/world.ts';

/** What a runner is told about the job it was given. */
export type JobMessage = {
  readonly id: number;
  readonly runId: number;
  readonly attempt: number;
  readonly key: string;
  readonly name: string;
  readonly repository: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
};

/**
 * The sessions of simulated runners with GitHub: one each, and one job for an ephemeral runner.
 * Failures: 401 `invalid_client` (no such registration), 404 (the record is gone), 409 `session_conflict`, 410 (no
 * longer its job).
 */
export class RunnerSessions {
  readonly #world: World;
  readonly #sessions = new Map<string, Runner>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Opens the session. A JIT config opens one in its life; any other registration one at a time. */
  connect(clientId: string, version = '2.336.0'): { session: string; runner: Runner } {
    const world = this.#world;
    const runner = [...world.liveRunners].find((candidate) => candidate.clientId === clientId);
    if (runner === undefined) throw new HttpFailure(401, 'invalid_client');
    const used = runner.mode === 'jit' ? runner.sessionsOpened > 0 : runner.session !== null;
    if (used || runner.spentAt !== null) throw new HttpFailure(409, 'session_conflict');
    const session: Session = {
      id: hex(world.noise, 32),
      openedAt: world.now(),
      polls: 0,
      heardAt: Date.now(),
    };
    this.#sessions.set(session.id, runner);
    runner.session = session;
    runner.sessionsOpened += 1;
    runner.os = 'Linux';
    runner.version = version;
    runner.idleSince = world.now();
    world.setRunner(runner, { status: 'online' });
    world.changed();
    return { session: session.id, runner };
  }

  /** Waits for a job; undefined when `timeoutMs` pass without one. */
  async poll(session: string, options: WaitOptions = {}): Promise<JobMessage | undefined> {
    const runner = this.#runner(session);
    return this.#connected(runner, () =>
      waitForChange(
        this.#world,
        () => {
          this.#runner(session);
          return runner.offer === null ? undefined : message(runner.offer.job);
        },
        options,
      ),
    );
  }

  /** Starts the offered job on this runner. */
  start(session: string, jobId: number): void {
    const world = this.#world;
    const runner = this.#runner(session);
    const job = runner.offer?.job;
    if (job === undefined || job.id !== jobId)
      throw new HttpFailure(410, 'the job is no longer assigned to this runner');
    const now = world.now();
    runner.offer = null;
    runner.job = job;
    job.executions.push({
      runnerId: runner.id,
      runnerName: runner.name,
      runnerLabels: runner.labels.map((label) => label.name),
      startedAt: now,
    });
    world.setJob(job, {
      status: 'in_progress',
      runnerId: runner.id,
      runnerName: runner.name,
      ...(world.switches.startedAtMoves ? { startedAt: now } : {}),
    });
    world.changed();
  }

  /** Says that the job still runs; resolves with true as soon as it is to be cancelled, or is over for GitHub. */
  async heartbeat(session: string, jobId: number, options: WaitOptions = {}): Promise<boolean> {
    const runner = this.#runner(session);
    const job = this.#world.job(jobId);
    const cancelled = await this.#connected(runner, () =>
      waitForChange(
        this.#world,
        () =>
          job.cancelRequestedAt !== null ||
          job.timeline.current.status === 'completed' ||
          runner.removal !== null,
        options,
      ),
    );
    return cancelled ?? false;
  }

  /** Reports the result. After it an ephemeral runner gets no other job. */
  finish(session: string, jobId: number, result: Conclusion): void {
    const world = this.#world;
    const runner = this.#runner(session);
    const { job } = runner;
    if (job === null || job.id !== jobId)
      throw new HttpFailure(410, 'the job is no longer assigned to this runner');
    runner.job = null;
    runner.lostAt = null;
    runner.idleSince = world.now();
    if (runner.ephemeral) runner.spentAt = world.now();
    else world.setRunner(runner, { busy: false });
    finishJob(world, job, result);
    advanceRun(world, job.run);
    world.changed();
  }

  /**
   * The runner's process ends in order. A job that it was only offered is queued again. As at GitHub the record stays,
   * unless it was ephemeral and had its job.
   */
  disconnect(session: string): void {
    const runner = this.#sessions.get(session);
    if (runner === undefined || runner.session?.id !== session) return;
    this.#sessions.delete(session);
    if (runner.offer !== null) withdrawOffers(this.#world, runner.offer.job);
    this.drop(session, runner);
    runner.session = null;
    this.#world.changed();
  }

  /** The connection broke, so the runner is not heard of for now. */
  drop(session: string, runner = this.#sessions.get(session)): void {
    if (runner === undefined || runner.session?.id !== session) return;
    loseRunner(this.#world, runner);
    this.#world.changed();
  }

  #runner(session: string): Runner {
    const runner = this.#sessions.get(session);
    if (runner === undefined) throw new HttpFailure(401, 'invalid_client');
    if (runner.removal !== null) throw new HttpFailure(404, 'The runner no longer exists on the server');
    return runner;
  }

  /** While `work` is under way the runner counts as connected. */
  async #connected<T>(runner: Runner, work: () => Promise<T>): Promise<T> {
    const { session } = runner;
    if (session === null) throw new HttpFailure(401, 'invalid_client');
    session.polls += 1;
    session.heardAt = Date.now();
    runner.lostAt = null;
    if (runner.timeline.current.status === 'offline' && runner.removal === null) {
      runner.idleSince = this.#world.now();
      this.#world.setRunner(runner, { status: 'online' });
      this.#world.changed();
    }
    try {
      return await work();
    } finally {
      session.polls -= 1;
      session.heardAt = Date.now();
    }
  }
}

function message(job: Job): JobMessage {
  return {
    id: job.id,
    runId: job.run.id,
    attempt: job.attempt,
    key: job.spec.key,
    name: job.spec.name,
    repository: job.run.repo.name,
    script: job.spec.script,
    env: job.spec.env,
  };
}
