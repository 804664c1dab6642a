import PQueue from 'p-queue';

import type { Change } from '../core/change.ts';
import { GithubError } from '../core/errors.ts';
import type { Instance, Millis, Policy, State } from '../core/model.ts';
import { runnerName } from '../core/naming.ts';
import type { Effect } from '../core/plan.ts';
import type { Clock, Engine, Github, Registration } from '../core/ports.ts';
import type { Events } from '../telemetry/events.ts';
import { collect, retire } from './registrations.ts';

/** What effects need. */
export interface ExecutorOptions {
  readonly github: Github;
  readonly engine: Engine;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: Events;
  /** Containers made at once. */
  readonly lanes: number;
  readonly state: () => State;
  /** Applies changes at once; resolved when they are stored. */
  readonly record: (changes: readonly Change[]) => Promise<void>;
  /** GitHub said that it answers nobody until then. */
  readonly limited: (until: Millis, why: string) => void;
  /** An effect is over: the host is worth a look. */
  readonly done: () => void;
}

/** A failed effect rests this long at first, and this long at most, before the plan's next wish for it is heard. */
const REST_FIRST: Millis = 1_000;
const REST_LONGEST: Millis = 30_000;
/** Names that one start may use up when answers are lost. */
const NAMES_PER_START = 3;

/**
 * Carries out effects: one in flight per name, making and cleaning up in lanes of their own. It decides nothing; what
 * came of an effect is recorded as changes, and the next plan sees.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #make: PQueue;
  readonly #clean: PQueue;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #doneAt = new Map<string, Millis>();
  readonly #rests = new Map<string, { count: number; until: Millis }>();
  readonly #abort = new AbortController();

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#make = new PQueue({ concurrency: options.lanes });
    this.#clean = new PQueue({ concurrency: options.lanes });
  }

  /** Names that an effect is at work on, or was when the host was asked at `hostAskedAt`. */
  unsettled(hostAskedAt: Millis): ReadonlySet<string> {
    for (const [name, at] of this.#doneAt) if (at < hostAskedAt) this.#doneAt.delete(name);
    return new Set([...this.#inFlight.keys(), ...this.#doneAt.keys()]);
  }

  /** Begins what is not under way already and is not resting after a failure. */
  dispatch(effects: readonly Effect[]): void {
    this.#forgetRests();
    for (const effect of effects) {
      const key = 'name' in effect ? effect.name : effect.runnerName;
      const rest = this.#rests.get(`${effect.kind} ${key}`);
      if (this.#abort.signal.aborted || this.#inFlight.has(key)) continue;
      if (rest !== undefined && rest.until > this.#options.clock.now()) continue;
      this.#inFlight.set(key, this.#run(effect, key));
    }
  }

  /** What nobody has wished for since its rest ended is settled in another way. */
  #forgetRests(): void {
    const now = this.#options.clock.now();
    for (const [key, { until }] of this.#rests) if (until + REST_LONGEST < now) this.#rests.delete(key);
  }

  /** Cuts a clean stop short. */
  async kill(name: string): Promise<void> {
    await this.#options.engine.destroy(name, { clean: false }, this.#abort.signal);
  }

  /** Lets what is under way finish for `grace`, then aborts it and waits for that. Never rejects. */
  async close(grace: Millis): Promise<void> {
    const over = Promise.allSettled(this.#inFlight.values());
    await this.#within(grace, over);
    this.#abort.abort();
    await this.#within(REST_FIRST, over);
  }

  /** A timer that is left behind would keep the program alive. */
  async #within(limit: Millis, over: Promise<unknown>): Promise<void> {
    const waited = new AbortController();
    await Promise.race([over, this.#options.clock.sleep(limit, waited.signal)]);
    waited.abort();
  }

  async #run(effect: Effect, key: string): Promise<void> {
    const restKey = `${effect.kind} ${key}`;
    try {
      await this.#carryOut(effect);
      this.#rests.delete(restKey);
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        const count = (this.#rests.get(restKey)?.count ?? 0) + 1;
        const rest = Math.min(REST_LONGEST, REST_FIRST * 2 ** (count - 1));
        this.#rests.set(restKey, { count, until: this.#options.clock.now() + rest });
        this.#noteLimit(error);
        this.#options.events.effectFailed(effect, error);
      }
    } finally {
      this.#inFlight.delete(key);
      this.#doneAt.set(key, this.#options.clock.now());
      this.#options.done();
    }
  }

  async #carryOut(effect: Effect): Promise<void> {
    const { engine, github, record, clock, random } = this.#options;
    const { signal } = this.#abort;
    switch (effect.kind) {
      case 'start': {
        const instance = this.#find(effect.name);
        if (instance !== undefined) await this.#start(instance);
        return;
      }
      case 'retire': {
        const instance = this.#find(effect.name);
        if (instance !== undefined) {
          await record(await retire(github, instance, effect.reason, () => clock.now(), signal));
        }
        return;
      }
      case 'destroy':
        // A clean stop is mostly waiting; it must not keep a lane from those that only need work.
        if (effect.clean) await engine.destroy(effect.name, { clean: true }, signal);
        else await this.#clean.add(() => engine.destroy(effect.name, { clean: false }, signal));
        return;
      case 'collect': {
        const debt = this.#options.state().debts.find((it) => it.runnerName === effect.runnerName);
        if (debt !== undefined)
          await record([await collect(github, debt, () => clock.now(), random, signal)]);
      }
    }
  }

  #find(name: string): Instance | undefined {
    return this.#options.state().instances.find((one) => one.name === name);
  }

  /** The container is created while its registration is under way; only the start waits for both. */
  async #start(instance: Instance): Promise<void> {
    const { engine, clock, record } = this.#options;
    const { signal } = this.#abort;
    const { name, className, scope, subnet, forJob, forAttempt, system } = instance;
    const order = {
      name,
      className,
      scope,
      subnet,
      forJob,
      forAttempt,
      system,
      runnerName: instance.runnerName,
    };
    const [created, registered] = await Promise.allSettled([
      this.#make.add(() => engine.create(order, signal)),
      this.#register(instance),
    ]);
    // An operator may have stopped it meanwhile: then what was made is cleaned up like any ending.
    if (signal.aborted || this.#find(name)?.phase !== 'reserved') return;
    const failure = [registered, created].find((it) => it.status === 'rejected');
    if (registered.status === 'rejected' || failure !== undefined) {
      this.#noteLimit(failure?.reason);
      await record(this.#startFailed(instance, failure?.reason, registered));
      return;
    }
    const { runnerId, credential } = registered.value;
    const started: Change = { kind: 'started', name, at: clock.now() };
    void record(runnerId === null ? [started] : [{ kind: 'registered', name, runnerId }, started]).catch(
      () => {
        // Told by the store's next save; the start itself was promised and stored before.
      },
    );
    try {
      await this.#make.add(() => engine.start(name, credential, signal));
    } catch (error) {
      // It may run all the same, and be at work: the next look at the host says what becomes of it.
      if (!signal.aborted) await record([this.#classFailed(className, error)]);
      throw error;
    }
  }

  /** Registers, going on under another name when an answer was lost; each name is stored before it is used. */
  async #register(instance: Instance): Promise<Registration> {
    const { github, policy, record, clock, random } = this.#options;
    const { name, className, scope } = instance;
    const labels = policy.classes.find((it) => it.name === className)?.labels ?? [];
    let current = instance.runnerName;
    for (let tried = 1; ; tried += 1) {
      try {
        return await github.register({ scope, runnerName: current, labels }, this.#abort.signal);
      } catch (error) {
        const lost = error instanceof GithubError && error.code === 'lost';
        if (!lost || tried === NAMES_PER_START) throw error;
        current = runnerName(policy.namePrefix, name, policy.controllerId, new Set([current]), random);
        await record([{ kind: 'rename', name, runnerName: current, at: clock.now() }]);
        // Stopped meanwhile, it has no new name, and nothing may be registered that was not promised.
        if (this.#find(name)?.runnerName !== current) throw error;
      }
    }
  }

  #startFailed(
    instance: Instance,
    error: unknown,
    registered: PromiseSettledResult<Registration>,
  ): readonly Change[] {
    const refused = registered.status === 'rejected' && isRefusal(registered.reason);
    const stop: Change = {
      kind: 'stop',
      name: instance.name,
      reason: 'start-failed',
      clean: false,
      detail: wordsOf(error),
      at: this.#options.clock.now(),
      deregistered: refused,
    };
    // A limit is nobody's fault, and holds every class alike for as long as GitHub says.
    if (error instanceof GithubError && error.code === 'rate-limited') return [stop];
    return [stop, this.#classFailed(instance.className, error)];
  }

  #classFailed(className: string, error: unknown): Change {
    const { clock, random } = this.#options;
    return { kind: 'failed', className, at: clock.now(), chance: random(), detail: wordsOf(error) };
  }

  #noteLimit(error: unknown): void {
    if (error instanceof GithubError && error.code === 'rate-limited' && error.retryAt !== null) {
      this.#options.limited(error.retryAt, error.message);
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** GitHub said no, so there is nothing registered. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof GithubError &&
    ['rate-limited', 'unauthorized', 'forbidden', 'not-found', 'refused'].includes(error.code)
  );
}
