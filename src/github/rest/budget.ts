import { GithubError } from '../../core/errors.ts';
import type { Millis } from '../../core/model.ts';
import type { Clock } from '../../core/ports.ts';
import type { Log } from '../options.ts';
import type { Tuning } from '../tuning.ts';
import { RequestQueue, SlidingMinute, TokenBucket } from './request-queue.ts';
import type { Priority } from './request-queue.ts';

/** How many points of GitHub's secondary limit a request costs, by its documentation. */
const POINTS = { read: 1, write: 5 } as const;

/** The first wait when GitHub limits us without saying how long. Its documentation asks for longer ones each time. */
const FIRST_UNTOLD_WAIT = 60_000;
const LONGEST_UNTOLD_WAIT = 15 * 60_000;

/** The longest stop. A later time is not believed, because primary limits are renewed each hour. */
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
  #untoldStops = 0;

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
   * Resolves when another poll may begin, which is when the reads of earlier polls are made up for. Polls of many
   * runs are so spaced evenly; otherwise they would use up the minute's points and then stand still.
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
   * Sends nothing before `until`, because GitHub said that we are limited. `until` null: it did not say for how long.
   * Returns when to ask again.
   */
  stop(until: Millis | null, why: string): Millis {
    const now = this.#clock.now();
    // The answers to requests that were in flight together count as one refusal.
    if (until === null && (this.#stop === null || this.#stop.until <= now)) this.#untoldStops += 1;
    const untold = Math.min(FIRST_UNTOLD_WAIT * 2 ** Math.max(0, this.#untoldStops - 1), LONGEST_UNTOLD_WAIT);
    const wanted = Math.min(Math.max(until ?? now + untold, now + 1_000), now + LONGEST_STOP);
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
    this.#untoldStops = 0;
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
