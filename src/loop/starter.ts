import type PQueue from 'p-queue';

import type { Change } from '../core/change.ts';
import { GithubError, messageOf } from '../core/errors.ts';
import type { Instance, Millis } from '../core/model.ts';
import { runnerName } from '../core/naming.ts';
import type { Registered, Registration } from '../core/ports.ts';
import type { ExecutorOptions } from './executor-options.ts';

/** Names that one start may use up when answers are lost. */
const NAMES_PER_START = 3;

/** GitHub said when it answers again. */
export function noteLimit(error: unknown, limited: (until: Millis, why: string) => void): void {
  if (error instanceof GithubError && error.code === 'rate-limited' && error.retryAt !== null) {
    limited(error.retryAt, error.message);
  }
}

/** From a stored promise to a container that boots with a registration of its own. */
export class Starter {
  readonly #options: ExecutorOptions;
  readonly #make: PQueue;

  constructor(options: ExecutorOptions, make: PQueue) {
    this.#options = options;
    this.#make = make;
  }

  /** The container is created while its registration is under way; only the start waits for both. */
  async start(instance: Instance, signal: AbortSignal): Promise<void> {
    const { engine, clock, record } = this.#options;
    const { name, className, scope, subnet, forJob, forAttempt, system } = instance;
    const order = { name, className, scope, subnet, forJob, forAttempt, system };
    if (this.#find(name)?.phase !== 'reserved') return;
    const [created, registered] = await Promise.allSettled([
      this.#make.add(() => engine.create(order, signal)),
      this.#register(instance, signal),
    ]);
    // An operator may have stopped it meanwhile: then what was made is cleaned up like any ending.
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
        // Told by the store's next save; the start itself was promised and stored before.
      },
    );
    try {
      await this.#make.add(() => engine.start(name, { runnerName: finalName, credential }, signal));
    } catch (error) {
      // It may run all the same, and be at work: the next look at the host says what becomes of it.
      if (!signal.aborted) await record([this.#classFailed(className, error)]);
      throw error;
    }
  }

  /** Registers, going on under another name when an answer was lost; each name is stored before it is used. */
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
      detail: messageOf(error),
      at: this.#options.clock.now(),
      deregistered: refused,
    };
    const id = registered.status === 'fulfilled' ? registered.value.runnerId : null;
    const known: readonly Change[] =
      id === null ? [] : [{ kind: 'registered', name: instance.name, runnerId: id }];
    // A limit is nobody's fault, and holds every class alike for as long as GitHub says.
    if (error instanceof GithubError && error.code === 'rate-limited') return [...known, stop];
    return [...known, stop, this.#classFailed(instance.className, error)];
  }

  #classFailed(className: string, error: unknown): Change {
    const { clock, random } = this.#options;
    return { kind: 'failed', className, at: clock.now(), chance: random(), detail: messageOf(error) };
  }

  #find(name: string): Instance | undefined {
    return this.#options.state().instances.find((one) => one.name === name);
  }
}

/** GitHub said no, so there is nothing registered. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof GithubError &&
    ['rate-limited', 'unauthorized', 'forbidden', 'not-found', 'refused'].includes(error.code)
  );
}
