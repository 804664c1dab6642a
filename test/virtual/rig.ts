import type { Change } from '../../src/core/change.ts';
/**
 * A whole controller in virtual time: the real loop, client and operator, against the simulated GitHub and a host of
 * records. Start with `openVirtual`; a controller is stopped, killed and started anew on the same disk and host.
 */
import type { State } from '../../src/core/model.ts';
import type { Millis } from '../../src/core/model.ts';
import type { Policy } from '../../src/core/policy.ts';
import { Secret } from '../../src/core/secret.ts';
import { healthReasons, type HealthReason } from '../../src/core/view.ts';
import { createGithub } from '../../src/github/client.ts';
import { Loop } from '../../src/loop/loop.ts';
import { Operator } from '../../src/loop/operator.ts';
import type { Switches } from '../../src/simulator/options.ts';
import { buildSimulator, type SimulatorServer } from '../../src/simulator/server.ts';
import { DEFAULT_TOKEN } from '../../src/simulator/simulated-github.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { draws, HOUR, policy, runnerClass, SCOPE, SECOND } from '../support/builders.ts';
import { VirtualClock } from './clock.ts';
import { VirtualEngine, type EngineParts } from './engine.ts';
import { ORIGIN, VirtualNetwork } from './network.ts';
import { VirtualProcess } from './process.ts';
import { VirtualDisk } from './store.ts';
import { VirtualTime } from './time.ts';

/** What a controller is configured with; it may be another one after a restart. */
export interface Settings {
  readonly policy: Policy;
  readonly scopes: readonly string[];
}

export interface VirtualOptions {
  readonly seed?: number;
  readonly policy?: Partial<Policy>;
  /** The repositories that exist and are watched. */
  readonly scopes?: readonly string[];
  readonly switches?: Partial<Switches>;
  /** How long an answer of GitHub takes, on average. */
  readonly latency?: Millis;
  readonly pace?: EngineParts['pace'];
  readonly behaves?: EngineParts['behaves'];
  /** What is on the disk at first. */
  readonly state?: State;
}

/** What a job is; the rest is as usual. */
export interface Wanted {
  readonly repo?: string;
  readonly labels?: readonly string[];
  readonly duration?: Millis;
  /** All of them in one run. */
  readonly oneRun?: boolean;
}

/** A controller that runs, or ran. */
interface Running {
  readonly loop: Loop;
  readonly operator: Operator;
  readonly process: VirtualProcess;
  readonly settings: Settings;
  readonly stop: AbortController;
  isOver: boolean;
  failure: Error | null;
}

/** An hour's slots and labels: room for every row. */
const ROOMY: Partial<Policy> = {
  classes: [runnerClass({ max: 100 })],
  subnets: Array.from({ length: 120 }, (_, n) => 100 + n),
};

export function openVirtual(options: VirtualOptions = {}): VirtualRig {
  return new VirtualRig(options);
}

export class VirtualRig implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly github: SimulatorServer;
  readonly network: VirtualNetwork;
  readonly engine: VirtualEngine;
  readonly disk: VirtualDisk;
  /** Every change that was applied, with its time, whichever controller did it. */
  readonly changes: { readonly at: Millis; readonly change: Change }[] = [];
  /** Every line of the log above `debug`. */
  readonly log: string[] = [];
  readonly clock: VirtualClock;
  #settings: Settings;
  #running: Running | null = null;
  readonly #random: () => number;

  constructor(options: VirtualOptions) {
    const { seed = 1, scopes = [SCOPE] } = options;
    this.#random = draws(seed);
    this.#settings = { policy: policy({ ...ROOMY, ...options.policy }), scopes };
    this.clock = new VirtualClock(this.time);
    this.github = buildSimulator({ repos: scopes, seed, switches: options.switches ?? {} });
    this.network = new VirtualNetwork(this.time, this.github, draws(seed + 1), options.latency ?? 150);
    this.engine = new VirtualEngine({
      time: this.time,
      clock: this.clock,
      random: draws(seed + 2),
      sessions: this.github.sessions,
      pace: options.pace,
      behaves: options.behaves,
    });
    this.disk = new VirtualDisk(this.time, this.clock, options.state);
    this.start();
  }

  get loop(): Loop {
    return this.#controller.loop;
  }

  /** By how much the host's wall clock is wrong. */
  set skew(by: Millis) {
    this.clock.skew = by;
  }

  get operator(): Operator {
    return this.#controller.operator;
  }

  /** Starts a controller on what is on the disk and the host; what is given differs from the one before. */
  start(over: { readonly policy?: Partial<Policy>; readonly scopes?: readonly string[] } = {}): void {
    if (this.#running !== null) throw new Error('a controller runs already');
    const { policy: before, scopes } = this.#settings;
    this.#settings = { policy: { ...before, ...over.policy }, scopes: over.scopes ?? scopes };
    const process = new VirtualProcess();
    this.#running = process.run(() => this.#open(process, this.#settings));
  }

  /** SIGTERM, and until it is over. */
  async stop(): Promise<void> {
    const running = this.#controller;
    running.stop.abort();
    if (!(await this.time.run(10 * SECOND, () => running.isOver)))
      throw new Error('the controller does not end');
    this.#running = null;
  }

  /** `kill -9`: what it was about to do is not done. */
  kill(): void {
    this.#controller.process.kill();
    this.#running = null;
  }

  /** The host loses power, and boots again. */
  reboot(): void {
    this.kill();
    this.engine.loseAll();
    this.clock.reboot();
    this.start();
  }

  /** Moves time on by `ms`, or until the answer is true; whether it was. */
  async run(ms: Millis, until?: () => boolean): Promise<boolean> {
    const reached = await this.time.run(ms, until);
    const failure = this.#running?.failure ?? null;
    if (failure !== null) throw failure;
    return reached;
  }

  /** Queues jobs of 20 s, each in a run of its own unless they are to share one; their ids. */
  queue(count: number, wanted: Wanted = {}): readonly number[] {
    const { repo, labels = ['self-hosted', 'ci'], duration = 20 * SECOND, oneRun = false } = wanted;
    const job = { labels: [...labels], duration: duration / SECOND };
    const where = repo === undefined ? {} : { repo };
    if (oneRun && count > 0)
      return this.github.createRun({ jobs: Array.from({ length: count }, () => job), ...where }).jobIds;
    return Array.from({ length: count }, () => this.github.createJob({ ...job, ...where }).jobId);
  }

  /** Runs until every one of the jobs is over, for at most so long; whether they are. */
  finish(jobs: readonly number[], atMost: Millis = HOUR): Promise<boolean> {
    const open = new Set(jobs);
    return this.run(atMost, () => {
      for (const id of open) {
        if (this.github.world.job(id).timeline.current.status !== 'completed') return false;
        open.delete(id);
      }
      return true;
    });
  }

  /** How long each job waited until it began, in seconds; endless if it did not. */
  waits(jobs: readonly number[]): readonly number[] {
    return jobs.map((id) => {
      const { executions, queuedAt } = this.github.world.job(id);
      const began = executions[0]?.startedAt;
      return began === undefined || queuedAt === null ? Infinity : (began - queuedAt) / SECOND;
    });
  }

  /** How each job ended, or that it did not. */
  ends(jobs: readonly number[]): readonly string[] {
    return jobs.map((id) => {
      const { status, conclusion } = this.github.world.job(id).timeline.current;
      return conclusion ?? status;
    });
  }

  /** How many containers were made since, of that scope. */
  containers(since: Millis = 0, scope?: string): number {
    return this.engine.made.filter(
      ({ madeAt, order }) => madeAt >= since && (scope === undefined || order.scope === scope),
    ).length;
  }

  /** How often a change of this kind was applied. */
  count(kind: Change['kind'], test: (change: Change) => boolean = () => true): number {
    return this.changes.filter(({ change }) => change.kind === kind && test(change)).length;
  }

  /** What must not be, once all is quiet: empty when nothing went wrong and nothing is left. */
  leftovers(): readonly string[] {
    const { ranTwice, neverRan, wrongLabels, violations, runnersLeft } = this.github.report();
    return [
      ...ranTwice.map((id) => `job ${id} ran twice`),
      ...neverRan.map((id) => `job ${id} never ran`),
      ...wrongLabels.map((id) => `job ${id} ran on a runner without its labels`),
      ...violations.map(({ kind, path }) => `${kind} ${path}`),
      ...runnersLeft.map((name) => `registration ${name}`),
      ...this.engine.containers.map(({ order }) => `container ${order.name}`),
      ...this.engine.made
        .filter(({ killedBusy }) => killedBusy)
        .map(({ order }) => `container ${order.name} was killed with a job in it`),
      ...this.loop.state.instances.map(({ name, phase }) => `instance ${name} ${phase}`),
      ...this.loop.state.debts.map(({ runnerName }) => `debt ${runnerName}`),
    ];
  }

  /** What `/health` says. */
  health(): readonly HealthReason[] {
    return healthReasons(this.loop.moment(), this.#settings.policy);
  }

  /** Why each job waits, as `/status` says it. */
  holds(): readonly string[] {
    return this.loop.moment().holds.map(({ job, reason, detail }) => `${job.id} ${reason}: ${detail}`);
  }

  /** Ends everything and gives time back; throws if anything is still waited for then. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#running !== null) await this.stop();
      this.engine.loseAll();
      await this.time.run(SECOND);
      await this.time.during(this.github.close());
      const { pending } = this.time;
      if (pending > 0) throw new Error(`${pending} timers are left over`);
    } finally {
      this.network[Symbol.dispose]();
      this.time[Symbol.dispose]();
    }
  }

  get #controller(): Running {
    if (this.#running === null) throw new Error('no controller runs');
    return this.#running;
  }

  #open(process: VirtualProcess, settings: Settings): Running {
    const { clock } = this;
    const log = (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (level !== 'debug' && process.alive)
        this.log.push(`${this.time.now()} ${level} ${message} ${JSON.stringify(fields)}`);
    };
    const token = new Secret(DEFAULT_TOKEN.token);
    const github = createGithub({
      scopes: settings.scopes,
      apiUrl: ORIGIN,
      readToken: () => ({ token, generation: 1 }),
      registration: 'jit',
      runnerGroup: 'Default',
      clock,
      random: this.#random,
      log,
      version: '0',
    });
    const events = createEvents(log);
    const loop = new Loop({
      ...settings,
      clock,
      random: this.#random,
      store: this.disk.open(),
      github,
      engine: this.engine,
      drain: {
        read: () => Promise.resolve(this.disk.draining),
        set: (on) => {
          this.disk.draining = on;
          return Promise.resolve();
        },
      },
      events: {
        ...events,
        changed: (change, one) => {
          if (!process.alive) return;
          if (change.kind !== 'answered') this.changes.push({ at: this.time.now(), change });
          events.changed(change, one);
        },
      },
      concurrency: 4,
      version: '0',
    });
    const stop = new AbortController();
    const running: Running = {
      loop,
      operator: new Operator(loop, github, clock),
      process,
      settings,
      stop,
      isOver: false,
      failure: null,
    };
    loop
      .run(stop.signal)
      .catch((error: unknown) => {
        running.failure = new Error('the loop has ended', { cause: error });
      })
      .finally(() => {
        running.isOver = true;
      });
    return running;
  }
}

/** The smallest value that so many percent of them do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
