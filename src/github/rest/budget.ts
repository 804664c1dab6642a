import { GithubError } from '../../core/errors.ts';
import type { Millis } from '../../core/model.ts';
import type { Clock } from '../../core/ports.ts';
import { RequestQueue, SlidingMinute, TokenBucket } from './request-queue.ts';
import type { Priority } from './request-queue.ts';
import type { Tuning } from '../tuning.ts';
import type { Log } from '../options.ts';

/** GitHub's price for a request, in points of its secondary limit (its documentation of rate limits). */
const POINTS = { read: 1, write: 5 } as const;

/** GitHub asks for at least a minute when it does not say how long, and for longer each time. */
const FIRST_BLIND_WAIT = 60_000;
const LONGEST_BLIND_WAIT = 15 * 60_000;

/** Beyond this a `retry-after` or a reset time is not believed: primary limits are by the hour. */
const LONGEST_STOP = 2 * 60 * 60_000;

/** The priorities as the log's field `lane` names them. Operators search for these words, so they stay. */
const LANES: Readonly<Record<Priority, string>> = { cleanup: 'cleanup', work: 'work', observation: 'look' };

/** Decides whether and when a request of this identity may go out. */
export class Budget {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #writes: RequestQueue;
  readonly #points: RequestQueue;
  readonly #observationReads: TokenBucket;
  #stop: { readonly until: Millis; readonly why: string } | null = null;
  #blindStops = 0;

  constructor(clock: Clock, tuning: Tuning, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#writes = new RequestQueue(clock, new TokenBucket(clock, tuning.writeBurst, tuning.writesPerSecond));
    this.#points = new RequestQueue(clock, new SlidingMinute(clock, tuning.pointsPerMinute, tuning.shares));
    this.#observationReads = new TokenBucket(
      clock,
      tuning.observationReadBurst,
      tuning.observationReadsPerSecond,
    );
  }

  /**
   * Resolves when another look may begin: once those before it are paid for. Spaced evenly, looks at many runs come
   * more slowly than asked for; in bursts they would use the minute up and then stand still.
   */
  async paceObservation(signal: AbortSignal): Promise<void> {
    const wait = this.#observationReads.wait(1);
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }

  /** Resolves when the request may be sent. Throws `rate-limited` at once while GitHub has told us to stop. */
  async pass(kind: 'read' | 'write', priority: Priority, signal: AbortSignal): Promise<void> {
    this.#open();
    const asked = this.#clock.now();
    if (kind === 'write') await this.#writes.pass(1, priority, signal);
    if (priority === 'observation') this.#observationReads.take(1);
    await this.#points.pass(POINTS[kind], priority, signal);
    this.#open();
    const waited = this.#clock.now() - asked;
    if (waited >= 1_000)
      this.#log('debug', 'a request waited for its share of the budget', {
        kind,
        lane: LANES[priority],
        ms: waited,
      });
  }

  /**
   * GitHub said that we are limited: nothing goes out until then. `until` null: it did not say for how long.
   * Returns when to ask again.
   */
  stop(until: Millis | null, why: string): Millis {
    const now = this.#clock.now();
    // Answers to requests that were under way together count as one refusal.
    if (until === null && (this.#stop === null || this.#stop.until <= now)) this.#blindStops += 1;
    const blind = Math.min(FIRST_BLIND_WAIT * 2 ** Math.max(0, this.#blindStops - 1), LONGEST_BLIND_WAIT);
    const wanted = Math.min(Math.max(until ?? now + blind, now + 1_000), now + LONGEST_STOP);
    if (this.#stop === null || this.#stop.until < wanted) {
      this.#stop = { until: wanted, why };
      this.#log('warn', 'github limits us; no request goes out until then', {
        until: new Date(wanted).toISOString(),
        why,
      });
    }
    const error = this.#refusal(this.#stop);
    this.#writes.refuse(error);
    this.#points.refuse(error);
    return this.#stop.until;
  }

  /** GitHub served a request. */
  served(): void {
    this.#blindStops = 0;
  }

  #open(): void {
    if (this.#stop === null) return;
    // A clock that was set back must not make a stop endless.
    const left = this.#stop.until - this.#clock.now();
    if (left <= 0 || left > LONGEST_STOP) this.#stop = null;
    else throw this.#refusal(this.#stop);
  }

  #refusal(stop: { readonly until: Millis; readonly why: string }): GithubError {
    const until = new Date(stop.until).toISOString();
    return new GithubError('rate-limited', `not asked: GitHub limits us until ${until}: ${stop.why}`, {
      retryAt: stop.until,
    });
  }
}
