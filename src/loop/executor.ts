import PQueue from 'p-queue';

import { whenAborted } from '../abort.ts';
import type { Effect } from '../core/effect.ts';
import type { Instance, Millis } from '../core/model.ts';
import { CoolDown } from './cool-down.ts';
import type { ExecutorOptions } from './executor-options.ts';
import { deregisterOrphan, retire } from './registrations.ts';
import { noteLimit, Starter } from './starter.ts';

/** How long effects that were aborted at the end get to notice that. */
const ABORTED: Millis = 1_000;

/**
 * Carries out effects. Each name has at most one in flight; making and destroying have a queue each. It decides
 * nothing: the outcome of an effect is recorded as changes, and the next plan decides on them.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #make: PQueue;
  readonly #clean: PQueue;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #doneIn = new Map<string, number>();
  readonly #starter: Starter;
  readonly #starts = new Map<string, AbortController>();
  readonly #coolDown = new CoolDown();
  readonly #abort = new AbortController();

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#make = new PQueue({ concurrency: options.concurrency });
    this.#clean = new PQueue({ concurrency: options.concurrency });
    this.#starter = new Starter(options, this.#make);
  }

  /**
   * Names that an effect works on now, or worked on while the host was observed. Observations are numbered and not
   * dated, because one may begin in the very millisecond in which an effect ends.
   * @param observation the number of the observation that the plan is made from
   */
  inFlight(observation: number): ReadonlySet<string> {
    for (const [name, during] of this.#doneIn) if (during < observation) this.#doneIn.delete(name);
    return new Set([...this.#inFlight.keys(), ...this.#doneIn.keys()]);
  }

  /** Begins the effects whose name has none in flight and that are not cooling down after a failure. */
  dispatch(effects: readonly Effect[]): void {
    const now = this.#options.clock.now();
    this.#coolDown.forget(now);
    for (const effect of effects) {
      const key = 'name' in effect ? effect.name : effect.runnerName;
      if (this.#abort.signal.aborted || this.#inFlight.has(key)) continue;
      if (this.#coolDown.isCooling(`${effect.kind} ${key}`, now)) continue;
      this.#inFlight.set(key, this.#run(effect, key));
    }
  }

  /** Cuts short the start or clean stop that is in flight. Without one the next plan asks for a kill by itself. */
  kill(name: string): void {
    const start = this.#starts.get(name);
    if (start !== undefined) start.abort();
    else if (this.#inFlight.has(name)) this.#killNow(name);
  }

  #killNow(name: string): void {
    const effect: Effect = { kind: 'destroy', name, clean: false };
    this.#options.engine.destroy(name, { clean: false }, this.#abort.signal).catch((error: unknown) => {
      this.#options.events.effectFailed(effect, error);
    });
  }

  /** Lets effects in flight go on for `grace`, then aborts them and waits for that. Never rejects. */
  async close(grace: Millis): Promise<void> {
    const over = Promise.allSettled(this.#inFlight.values());
    await this.#within(grace, over);
    this.#abort.abort();
    await this.#within(ABORTED, over);
  }

  /** Waits for `over`, for `limit` at most. The timer is cancelled, because it would keep the program alive. */
  async #within(limit: Millis, over: Promise<unknown>): Promise<void> {
    const waited = new AbortController();
    await Promise.race([over, this.#options.clock.sleep(limit, waited.signal)]);
    waited.abort();
  }

  async #run(effect: Effect, key: string): Promise<void> {
    const coolDownKey = `${effect.kind} ${key}`;
    try {
      await this.#carryOut(effect);
      this.#coolDown.end(coolDownKey);
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        // A start needs no cool-down: it is never repeated, and its class backs off instead.
        if (effect.kind !== 'start') this.#coolDown.begin(coolDownKey, this.#options.clock.now());
        noteLimit(error, this.#options.limited);
        this.#options.events.effectFailed(effect, error);
      }
    } finally {
      this.#inFlight.delete(key);
      this.#doneIn.set(key, this.#options.observationNumber());
      this.#options.done();
    }
  }

  async #carryOut(effect: Effect): Promise<void> {
    const { engine, github, record, clock, random } = this.#options;
    const { signal } = this.#abort;
    switch (effect.kind) {
      case 'start': {
        const instance = this.#find(effect.name);
        if (instance !== undefined) await this.#startUnlessKilled(instance);
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
        // A clean stop mostly waits, so it takes no place in the queue from those that have work to do.
        if (effect.clean) await engine.destroy(effect.name, { clean: true }, signal);
        else await this.#clean.add(() => engine.destroy(effect.name, { clean: false }, signal));
        return;
      case 'deregister-orphan': {
        const debt = this.#options.state().debts.find((it) => it.runnerName === effect.runnerName);
        if (debt !== undefined)
          await record([await deregisterOrphan(github, debt, () => clock.now(), random, signal)]);
      }
    }
  }

  async #startUnlessKilled(instance: Instance): Promise<void> {
    const start = new AbortController();
    const forget = whenAborted(this.#abort.signal, () => start.abort());
    this.#starts.set(instance.name, start);
    try {
      await this.#starter.start(instance, start.signal);
    } finally {
      this.#starts.delete(instance.name);
      forget();
    }
  }

  #find(name: string): Instance | undefined {
    return this.#options.state().instances.find((one) => one.name === name);
  }
}
