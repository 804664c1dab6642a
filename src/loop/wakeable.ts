import { whenAborted } from '../abort.ts';
import type { Millis } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';

/** A sleep that can be cut short. A wake-up that comes while nobody sleeps ends the next sleep. */
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
      const alarm = new AbortController();
      const forget = whenAborted(signal, () => alarm.abort());
      this.#alarm = alarm;
      await this.#clock.sleep(atMost - atLeast, alarm.signal);
      this.#alarm = null;
      forget();
    }
    this.#pending = false;
  }
}
