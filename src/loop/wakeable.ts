import type { Millis } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';

/** A sleep that somebody may cut short. A wake that comes while nobody sleeps is kept for the next sleep. */
export class Wakeable {
  readonly #clock: Clock;
  #pending = false;
  #alarm: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#pending = true;
    this.#alarm?.abort();
  }

  /** Sleeps for `atLeast`, then on until woken or `atMost` has passed, or the signal fires. */
  async sleep(atLeast: Millis, atMost: Millis, signal: AbortSignal): Promise<void> {
    if (atLeast > 0) await this.#clock.sleep(atLeast, signal);
    if (!this.#pending) {
      this.#alarm = new AbortController();
      await this.#clock.sleep(atMost - atLeast, AbortSignal.any([signal, this.#alarm.signal]));
      this.#alarm = null;
    }
    this.#pending = false;
  }
}
