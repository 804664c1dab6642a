import type { Millis, WallTime } from '../../src/core/model.ts';
import type { Clock } from '../../src/core/ports.ts';
import { HOUR } from '../support/builders.ts';
import type { VirtualTime } from './time.ts';

/** The host's clock: it runs with the virtual time, and its wall clock may be wrong. */
export class VirtualClock implements Clock {
  /** By how much the wall clock is wrong. */
  skew: Millis = 0;
  readonly #time: VirtualTime;
  #boots = 1;
  #bootedAt: WallTime;

  constructor(time: VirtualTime) {
    this.#time = time;
    this.#bootedAt = time.now() - 100 * HOUR;
  }

  get boot(): string {
    return `boot-${this.#boots}`;
  }

  now(): Millis {
    return this.#time.now() - this.#bootedAt;
  }

  wall(): WallTime {
    return this.#time.now() + this.skew;
  }

  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    return this.#time.sleep(ms, signal);
  }

  /** The host boots: the monotonic clock begins anew. */
  reboot(): void {
    this.#boots += 1;
    this.#bootedAt = this.#time.now();
  }
}
