import { doubled } from '../../../core/backoff.ts';
import { GithubError } from '../../../core/errors.ts';
import type { Millis } from '../../../core/model.ts';
import type { Clock } from '../../../core/ports.ts';
import type { Log } from '../../options.ts';

/** The first wait when GitHub limits us without saying how long. Its documentation asks for longer ones each time. */
const FIRST_UNTOLD_WAIT: Millis = 60_000;
const LONGEST_UNTOLD_WAIT: Millis = 15 * 60_000;

/** The longest stop. A longer one is not believed, because primary limits are renewed each hour. */
const LONGEST_STOP: Millis = 2 * 60 * 60_000;

/** For how long GitHub has told this identity to send nothing. */
export class Stop {
  readonly #clock: Clock;
  readonly #log: Log;
  #until: Millis | null = null;
  #why = '';
  #untold = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins or lengthens it. `wait` null: GitHub did not say for how long. Returns when it is over. */
  begin(wait: Millis | null, why: string): Millis {
    const now = this.#clock.now();
    // The answers to requests that were in flight together count as one refusal.
    if (wait === null && (this.#until === null || this.#until <= now)) this.#untold += 1;
    const untold = doubled(FIRST_UNTOLD_WAIT, LONGEST_UNTOLD_WAIT, this.#untold);
    const until = now + Math.min(Math.max(wait ?? untold, 1_000), LONGEST_STOP);
    if (this.#until !== null && this.#until >= until) return this.#until;
    this.#until = until;
    this.#why = why;
    this.#log('warn', 'github limits us; no request goes out until then', { until: this.#text(until), why });
    return until;
  }

  /** GitHub served a request, so the next refusal is the first again. */
  served(): void {
    this.#untold = 0;
  }

  /** Throws `rate-limited` until it is over. */
  check(): void {
    if (this.#until !== null && this.#until > this.#clock.now()) throw this.refusal();
  }

  refusal(): GithubError {
    const until = this.#until ?? this.#clock.now();
    const message = `not asked: GitHub limits us until ${this.#text(until)}: ${this.#why}`;
    return new GithubError('rate-limited', message, { retryAt: until });
  }

  #text(at: Millis): string {
    return new Date(this.#clock.wall() + at - this.#clock.now()).toISOString();
  }
}
