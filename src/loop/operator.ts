import type { Millis } from '../core/model.ts';
import type { Clock, Github } from '../core/ports.ts';
import type { Loop } from './loop.ts';

/** An operator's wish does not wait longer for GitHub: what it does not agree to becomes a debt. */
const DEREGISTER: Millis = 5_000;

/** What an operator may ask of the running controller. Carried out by recording it: the next tick acts. */
export class Operator {
  readonly #loop: Loop;
  readonly #github: Github;
  readonly #clock: Clock;

  constructor(loop: Loop, github: Github, clock: Clock) {
    this.#loop = loop;
    this.#github = github;
    this.#clock = clock;
  }

  /** Deregisters, so that no job comes in between, then stops; `now` kills, a stop that is under way too. */
  async stop(name: string, now: boolean): Promise<'accepted' | 'unknown'> {
    const instance = this.#loop.state.instances.find((one) => one.name === name);
    if (instance === undefined) return 'unknown';
    const deregistered = await this.#deregister(instance.scope, instance.runnerId);
    const detail = now ? 'killed by an operator' : 'stopped by an operator';
    const at = this.#clock.now();
    await this.#loop.record([
      { kind: 'stop', name, reason: 'operator', clean: !now, detail, at, deregistered },
    ]);
    // What is only reserved runs nothing that could be asked to end.
    if (now || instance.phase === 'reserved') this.#loop.kill(name);
    return 'accepted';
  }

  /** No new jobs from here on, and every container ends. */
  async cleanup(): Promise<void> {
    await this.#loop.setDraining(true);
    await Promise.all(this.#loop.state.instances.map(({ name }) => this.stop(name, false)));
  }

  async #deregister(scope: string, runnerId: number | null): Promise<boolean> {
    if (runnerId === null) return false;
    try {
      return (await this.#github.deregister(scope, runnerId, AbortSignal.timeout(DEREGISTER))) === 'gone';
    } catch {
      // GitHub is best effort here, the host is not.
      return false;
    }
  }
}
