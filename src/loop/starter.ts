import type PQueue from 'p-queue';

import type { Change } from '../core/change.ts';
import { GithubError, messageOf } from '../core/errors.ts';
import type { Instance, Millis } from '../core/model.ts';
import { runnerName } from '../core/naming.ts';
import { failedStart, startOf } from '../core/plan/failures.ts';
import type { Registered, Registration } from '../core/ports.ts';
import type { ExecutorOptions } from './executor-options.ts';

/** How many runner names one start may try when GitHub's answers are lost. */
const NAMES_PER_START = 3;

/** Passes on until when GitHub answers nobody, if that is what the error says. */
export function noteLimit(error: unknown, limited: (until: Millis, why: string) => void): void {
  if (error instanceof GithubError && error.code === 'rate-limited' && error.retryAt !== null) {
    limited(error.retryAt, error.message);
  }
}

/** Takes an instance from its stored promise to a container that boots with its own registration. */
export class Starter {
  readonly #options: ExecutorOptions;
  readonly #make: PQueue;

  constructor(options: ExecutorOptions, make: PQueue) {
    this.#options = options;
    this.#make = make;
  }

  /** Creates the container and registers its runner at the same time, then starts it. */
  async start(instance: Instance, signal: AbortSignal): Promise<void> {
    const { engine, clock, record } = this.#options;
    const { name, className, scope, subnet, forJob, forAttempt, system } = instance;
    const order = { name, className, scope, subnet, forJob, forAttempt, system };
    if (this.#find(name)?.phase !== 'reserved') return;
    const [created, registered] = await Promise.allSettled([
      this.#make.add(() => engine.create(order, signal)),
      this.#register(instance, signal),
    ]);
    // An operator may have stopped it meanwhile. Then the next plan removes what was made, as at any ending.
    if (signal.aborted || this.#find(name)?.phase !== 'reserved') return;
    const failure = [registered, created].find((it) => it.status === 'rejected');
    if (registered.status === 'rejected' || failure !== undefined) {
      noteLimit(failure?.reason, this.#options.limited);
      await record(this.#startFailed(instance, failure?.reason, registered));
      return;
    }
    const { runnerId, runnerName: finalName, credential } = registered.value;
    const started: Change = { kind: 'started', name, at: clock.now() };
    void record(runnerId === null ? [started] : [{ kind: 'registered', name, runnerId }, started]).catch(
      () => {
        // The loop has logged the failure and saves again. The promise of this start was stored before.
      },
    );
    try {
      await this.#make.add(() => engine.start(name, { runnerName: finalName, credential }, signal));
    } catch (error) {
      // The container may run all the same, so it is not stopped here: the next observation of the host decides.
      if (!signal.aborted) await record(this.#classFailed(instance, error));
      throw error;
    }
  }

  /** Registers, under another name after an answer was lost. Each name is stored before it is used. */
  async #register(instance: Instance, signal: AbortSignal): Promise<Registration & Registered> {
    const { github, policy, record, clock, random } = this.#options;
    const { name, className, scope } = instance;
    const labels = policy.classes.find((it) => it.name === className)?.labels ?? [];
    let current = instance.runnerName;
    for (let tried = 1; ; tried += 1) {
      try {
        const registration = await github.register({ scope, runnerName: current, labels }, signal);
        return { ...registration, runnerName: current };
      } catch (error) {
        const lost = error instanceof GithubError && error.code === 'lost';
        if (!lost || tried === NAMES_PER_START) throw error;
        current = runnerName(policy.namePrefix, name, policy.controllerId, new Set([current]), random);
        await record([{ kind: 'rename', name, runnerName: current, at: clock.now() }]);
        // An instance that was stopped meanwhile got no new name, and nothing may be registered without a promise.
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
      detail: messageOf(error),
      at: this.#options.clock.now(),
      deregistered: refused,
    };
    const id = registered.status === 'fulfilled' ? registered.value.runnerId : null;
    const known: readonly Change[] =
      id === null ? [] : [{ kind: 'registered', name: instance.name, runnerId: id }];
    // A rate limit is not the class's fault, and it keeps every class waiting until GitHub answers again.
    if (error instanceof GithubError && error.code === 'rate-limited') return [...known, stop];
    return [...known, stop, ...this.#classFailed(instance, error)];
  }

  #classFailed(instance: Instance, error: unknown): readonly Change[] {
    const { clock, random, policy } = this.#options;
    const at = clock.now();
    const how = { endedAt: at, at, chance: random(), detail: messageOf(error) };
    return failedStart(startOf(instance), policy, how);
  }

  #find(name: string): Instance | undefined {
    return this.#options.state().instances.find((one) => one.name === name);
  }
}

/** Whether GitHub certainly registered nothing. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof GithubError &&
    ['rate-limited', 'unauthorized', 'forbidden', 'not-found', 'refused'].includes(error.code)
  );
}
