import type { Millis } from '../core/model.ts';
import type { Clock, Github } from '../core/ports.ts';
import type { Loop } from './loop.ts';

/** How long an operator's command waits for GitHub. A registration that is not deleted by then becomes a debt. */
const DEREGISTER: Millis = 5_000;

/**
 * What an operator may ask of the running controller. A request is recorded as changes, and the next tick acts on
 * them.
 */
export class Operator {
  readonly #loop: Loop;
  readonly #github: Github;
  readonly #clock: Clock;

  constructor(loop: Loop, github: Github, clock: Clock) {
    this.#loop = loop;
    this.#github = github;
    this.#clock = clock;
  }

  /**
   * Deregisters first, so that the runner gets no job meanwhile, then stops. `now` kills, even during a clean stop.
   */
  async stop(name: string, now: boolean): Promise<'accepted' | 'unknown'> {
    const instance = this.#loop.state.instances.find((one) => one.name === name);
    if (instance === undefined) return 'unknown';
    const deregistered = await this.#deregister(instance.scope, instance.runnerId);
    const detail = now ? 'killed by an operator' : 'stopped by an operator';
    const at = this.#clock.now();
    await this.#loop.record([
      { kind: 'stop', name, reason: 'operator', clean: !now, detail, at, deregistered },
    ]);
    // Nothing runs yet in an instance that is only reserved, so its start is cut short instead.
    if (now || instance.phase === 'reserved') this.#loop.kill(name);
    return 'accepted';
  }

  /** Takes no new jobs from now on, and stops every container. */
  async cleanup(): Promise<void> {
    await this.#loop.setDraining(true);
    await Promise.all(this.#loop.state.instances.map(({ name }) => this.stop(name, false)));
  }

  async #deregister(scope: string, runnerId: number | null): Promise<boolean> {
    if (runnerId === null) return false;
    try {
      return (await this.#github.deregister(scope, runnerId, AbortSignal.timeout(DEREGISTER))) === 'gone';
    } catch {
      // The container is stopped whether or not GitHub answers.
      return false;
    }
  }
}
