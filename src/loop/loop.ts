/**
 * Drives the controller: it observes, lets the core plan, stores the changes and carries out the effects. It reaches GitHub,
 * the engine and the ledger only through the core's ports, and decides nothing itself. Start with `Loop`; `executor.ts`
 * carries out effects, and `operator.ts` is what the control socket calls.
 */

import { whenAborted } from '../abort.ts';
import type { Change } from '../core/change.ts';
import { isAnswering } from '../core/known/freshness.ts';
import { Known } from '../core/known/known.ts';
import { problems } from '../core/known/problems.ts';
import type { Millis, State } from '../core/model.ts';
import type { HostObservation, Seen } from '../core/observation.ts';
import { concerns } from '../core/plan/classes.ts';
import { failuresCleared } from '../core/plan/failures.ts';
import type { Observed } from '../core/plan/observed.ts';
import { plan } from '../core/plan/plan.ts';
import type { Hold, Policy } from '../core/policy.ts';
import type { Clock, Engine, Github, Store } from '../core/ports.ts';
import type { Moment } from '../core/view.ts';
import type { Events } from '../telemetry/events.ts';
import { Executor } from './executor.ts';
import { Keeper } from './keeper.ts';
import { observeHost } from './observe.ts';
import { Poller } from './poller.ts';
import { Ticker } from './ticker.ts';
import { Wakeable } from './wakeable.ts';

/** Whether new jobs are refused; kept over restarts. */
interface DrainFlag {
  read(): Promise<boolean>;
  set(on: boolean): Promise<void>;
}

/** What the loop needs. */
export interface LoopOptions {
  readonly policy: Policy;
  readonly scopes: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly store: Store;
  readonly github: Github;
  readonly engine: Engine;
  readonly drain: DrainFlag;
  readonly events: Events;
  readonly concurrency: number;
  readonly version: string;
}

/** The longest time between two observations of the host while instances exist, and while there are none. */
const HOST_BUSY: Millis = 1_000;
const HOST_QUIET: Millis = 5_000;
/** The shortest time between two observations of the host, however many events there are. */
const HOST_GAP: Millis = 50;
/** How long effects in flight may go on when the program ends; the contract gives the whole end 5 s. */
const CLOSE_GRACE: Millis = 2_500;

/**
 * GitHub is asked part by part; the host is observed about every second, and sooner when the engine reports an event. A
 * tick makes one plan from what is known of both, whenever one of them says something new. Ticks never overlap, and changes
 * are stored before effects begin.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #executor: Executor;
  readonly #hostClock: Wakeable;
  readonly #startedAt: Millis;
  readonly #keeper: Keeper;
  readonly #ticker: Ticker;
  readonly #known: Known;
  readonly #poller: Poller;
  #host: Seen<HostObservation> = { ok: false, why: 'not looked at yet' };
  /** How many observations of the host were begun, and which of them `#host` is. */
  #hostObservations = 0;
  #hostNumber = 0;
  #holds: readonly Hold[] = [];
  #draining = false;
  #lastTick: Millis | null = null;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#keeper = new Keeper({ ...options, changed: (change) => this.#changed(change) });
    this.#ticker = new Ticker(
      () => this.#tickOnce(),
      (error) => options.events.tickFailed(error),
    );
    this.#hostClock = new Wakeable(options.clock);
    this.#known = new Known(options.scopes, concerns(options.policy));
    this.#poller = new Poller({
      github: options.github,
      clock: options.clock,
      known: this.#known,
      pollInterval: options.policy.pollInterval,
      heard: (isNew) => this.#heard(isNew),
    });
    this.#executor = new Executor({
      ...options,
      state: () => this.state,
      record: (changes) => this.record(changes),
      limited: (until, why) => this.#known.limit({ since: options.clock.now(), until, why }),
      observationNumber: () => this.#hostObservations,
      done: () => this.#hostClock.wake(),
    });
  }

  get state(): State {
    return this.#keeper.state;
  }

  /** Runs until the signal fires. Effects in flight then get a moment to finish, and containers go on running. */
  async run(signal: AbortSignal): Promise<void> {
    const watch = this.#options.engine.watch(() => this.#hostClock.wake());
    try {
      await this.#readDrain();
      await this.#watchBoth(signal);
    } finally {
      watch[Symbol.dispose]();
      await this.#executor.close(CLOSE_GRACE);
      await this.#ticker.idle();
      await this.#keeper.save();
    }
  }

  /** Applies changes at once, asks for a tick, and resolves when they are stored. */
  async record(changes: readonly Change[]): Promise<void> {
    this.#keeper.apply(changes);
    this.#hostClock.wake();
    if (!(await this.#keeper.save())) throw new Error('the ledger could not be written');
  }

  /** Cuts a start or a clean stop short. The next tick destroys what remains of the container. */
  kill(name: string): void {
    this.#executor.kill(name);
    this.#hostClock.wake();
  }

  /**
   * Takes no new jobs, or takes them again; resolved when that is stored. Whoever resumes has mended what failed, so
   * each class is tried at once.
   */
  async setDraining(on: boolean): Promise<void> {
    await this.#options.drain.set(on);
    this.#draining = on;
    this.#options.events.draining(on);
    if (!on) await this.record(failuresCleared(this.state));
    this.#hostClock.wake();
  }

  /** Everything that `/status` and `/health` say. */
  moment(): Moment {
    const { clock, github, version } = this.#options;
    return {
      now: clock.now(),
      wall: clock.wall(),
      startedAt: this.#startedAt,
      state: this.state,
      holds: this.#holds,
      draining: this.#draining,
      github: this.#known,
      lastTick: this.#lastTick,
      engineReadable: this.#host.ok || this.#lastTick === null,
      rateLimit: github.rateLimit(),
      requests: github.requests(),
      version,
    };
  }

  /**
   * Runs both watchers. One of them can only fail by a fault of the program: then the other ends too, and that is
   * thrown.
   */
  async #watchBoth(signal: AbortSignal): Promise<void> {
    const both = new AbortController();
    const forget = whenAborted(signal, () => both.abort());
    const watchers = [this.#poller.run(both.signal), this.#watchHost(both.signal)];
    for (const watcher of watchers) watcher.catch(() => both.abort());
    const ends = await Promise.allSettled(watchers);
    forget();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Reads the drain flag. When it cannot be read, the last known value stands. */
  async #readDrain(): Promise<void> {
    try {
      this.#draining = await this.#options.drain.read();
      this.#options.events.draining(this.#draining);
    } catch (error) {
      this.#options.events.drainUnreadable(error);
    }
  }

  /** Lets the plan see an answer as it comes. One that says nothing new waits for the next tick. */
  #heard(isNew: boolean): void {
    const { clock, events } = this.#options;
    events.githubHeard(problems(this.#known, clock.now()), isAnswering(this.#known, clock.now()));
    if (isNew) void this.#ticker.tick();
  }

  async #watchHost(signal: AbortSignal): Promise<void> {
    const { engine, events } = this.#options;
    while (!signal.aborted) {
      this.#hostObservations += 1;
      const promised = this.state.instances.map(({ name }) => name);
      const host = await observeHost(engine, promised, signal);
      if (signal.aborted) return;
      this.#host = host;
      this.#hostNumber = this.#hostObservations;
      if (host.ok) events.engineReadable();
      else events.engineUnreadable(host.why);
      await this.#readDrain();
      await this.#ticker.tick();
      const often = this.state.instances.length > 0 ? HOST_BUSY : HOST_QUIET;
      await this.#hostClock.sleep(HOST_GAP, often, signal);
    }
  }

  async #tickOnce(): Promise<void> {
    const { clock, policy, random } = this.#options;
    const decided = plan(this.#observed(), policy, clock.now(), random);
    this.#holds = decided.holds;
    if (this.#known.questions.want(decided.questions)) this.#poller.wake();
    this.#keeper.apply(decided.changes);
    // Effects begin only when the promise is on disk. When it could not be saved, the next tick tries again.
    if (await this.#keeper.save()) this.#executor.dispatch(decided.effects);
    this.#lastTick = clock.now();
  }

  #observed(): Observed {
    return {
      state: this.state,
      github: this.#known,
      host: this.#host,
      inFlight: this.#executor.inFlight(this.#host.ok ? this.#hostNumber : 0),
      draining: this.#draining,
    };
  }

  #changed(change: Change): void {
    if (change.kind === 'online' || change.kind === 'busy') this.#discardCredential(change.name);
    if (change.kind === 'debt-cleared') this.#known.forgetRunner(change.runnerName);
  }

  /** Once the runner was seen online or busy, its credential has been used and is of no more use. */
  #discardCredential(name: string): void {
    this.#options.engine.discardCredential(name).catch((error: unknown) => {
      this.#options.events.credentialKept(name, error);
    });
  }
}
