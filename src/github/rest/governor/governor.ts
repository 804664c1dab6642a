/**
 * Decides whether and when a request of one identity may go out. GitHub's limits are kept here and nowhere else: its word
 * that we are limited (`stop.ts`), the points of a minute (`minute.ts`) and the requests of an hour (`hour.ts`). Start with
 * `Governor`; who goes first is in `priority.ts` and `request-queue.ts`.
 */

import { GithubError } from '../../../core/errors.ts';
import type { Millis } from '../../../core/model.ts';
import type { Clock } from '../../../core/ports.ts';
import type { Log } from '../../options.ts';
import type { Tuning } from '../../tuning.ts';
import { Hour } from './hour.ts';
import type { HourLeft } from './hour.ts';
import { Minute } from './minute.ts';
import { purposeOf } from './priority.ts';
import type { Kind, Priority, Wish } from './priority.ts';
import { RequestQueue } from './request-queue.ts';
import type { Gate, Verdict } from './request-queue.ts';
import { Stop } from './stop.ts';
import { TokenBucket } from './token-bucket.ts';

/** How many points of GitHub's secondary limit a request costs, by its documentation. */
const POINTS = { read: 1, write: 5 } as const;

/** The priorities as the log's field `lane` names them. Operators search for these words, so they stay. */
const LANES = { cleanup: 'cleanup', registration: 'work', observation: 'look' } as const;

/** Who goes first, but for those who take turns. */
const READS_FOR_WORK: readonly Wish[] = [
  { kind: 'read', priority: 'cleanup' },
  { kind: 'read', priority: 'registration' },
];

/**
 * Decides whether and when a request of this identity may go out: by GitHub's word that we are limited, by how many are
 * out, and by what was spent in the last minute and in GitHub's hour. Each purpose has a part that no other can take.
 */
export class Governor implements Gate {
  readonly #clock: Clock;
  readonly #tuning: Tuning;
  readonly #log: Log;
  readonly #queue: RequestQueue;
  readonly #stop: Stop;
  readonly #writes: TokenBucket;
  readonly #minute: Minute;
  readonly #pace: TokenBucket;
  readonly #hour: Hour;
  readonly #out: Record<Priority, number> = { cleanup: 0, registration: 0, list: 0, fresh: 0, turn: 0 };
  #wroteLast: Priority = 'cleanup';

  constructor(clock: Clock, tuning: Tuning, log: Log) {
    this.#clock = clock;
    this.#tuning = tuning;
    this.#log = log;
    this.#queue = new RequestQueue(clock, this);
    this.#stop = new Stop(clock, log);
    this.#writes = new TokenBucket(clock, tuning.writeBurst, tuning.writesPerSecond);
    this.#minute = new Minute(clock, tuning.pointsPerMinute, tuning.floors);
    this.#pace = new TokenBucket(clock, tuning.observationReadBurst, tuning.observationReadsPerSecond);
    this.#hour = new Hour(clock, tuning.hour);
  }

  /**
   * Resolves when the request may be sent, with what is to be called once it is over: `free` when GitHub does not count
   * it. Throws `rate-limited` at once while GitHub has told us to stop, and to cleanup when what is left of the hour is
   * for registrations.
   */
  async pass(kind: Kind, priority: Priority, signal: AbortSignal): Promise<(free: boolean) => void> {
    this.#stop.check();
    if (priority === 'cleanup' && this.#hour.wait('cleanup') > 0) throw keptForRegistration();
    const asked = this.#clock.now();
    await this.#queue.pass({ kind, priority }, signal);
    let isOver = false;
    const over = (free: boolean): void => {
      if (isOver) return;
      isOver = true;
      this.#out[priority] -= 1;
      this.#hour.over(priority, free);
      this.#queue.look();
    };
    try {
      this.#stop.check();
    } catch (error) {
      over(true);
      throw error;
    }
    const waited = this.#clock.now() - asked;
    if (waited >= 1_000)
      this.#log('debug', 'a request waited for its share of the budget', {
        kind,
        lane: LANES[purposeOf(priority)],
        ms: waited,
      });
    return over;
  }

  /**
   * Sends nothing for `wait`, because GitHub said that we are limited; null: it did not say for how long. Returns when to
   * ask again.
   */
  stop(wait: Millis | null, why: string): Millis {
    const until = this.#stop.begin(wait, why);
    this.#queue.refuse(this.#stop.refusal());
    return until;
  }

  /** GitHub served a request. */
  served(): void {
    this.#stop.served();
  }

  /** An answer told what is left of the hour. */
  heard(left: HourLeft): void {
    this.#hour.heard(left);
    if (this.#hour.wait('cleanup') > 0) this.#queue.refuse(keptForRegistration(), 'cleanup');
    this.#queue.look();
  }

  order(): readonly Wish[] {
    const writes: readonly Priority[] =
      this.#wroteLast === 'cleanup' ? ['registration', 'cleanup'] : ['cleanup', 'registration'];
    const reads: readonly Priority[] = this.#hour.freshFirst
      ? ['fresh', 'list', 'turn']
      : ['list', 'fresh', 'turn'];
    return [
      ...READS_FOR_WORK,
      ...writes.map((priority) => ({ kind: 'write', priority }) as const),
      ...reads.map((priority) => ({ kind: 'read', priority }) as const),
    ];
  }

  judge({ kind, priority }: Wish, others: boolean): Verdict {
    const ahead = Math.max(
      this.#out[priority] < this.#tuning.places[priority] ? 0 : Infinity,
      kind === 'write' ? this.#writes.wait() : 0,
      priority === 'fresh' || priority === 'turn' ? this.#pace.wait() : 0,
      this.#hour.wait(priority),
    );
    if (ahead > 0) return { wait: ahead, wantsPoints: false };
    const wait = this.#minute.wait(POINTS[kind], purposeOf(priority), others);
    return { wait, wantsPoints: wait > 0 };
  }

  take({ kind, priority }: Wish): void {
    this.#out[priority] += 1;
    this.#hour.sent(priority);
    this.#minute.take(POINTS[kind], purposeOf(priority));
    if (priority === 'fresh' || priority === 'turn') this.#pace.take();
    if (kind === 'read') return;
    this.#writes.take();
    this.#wroteLast = priority;
  }
}

/** An effect that waited out the hour would keep its instance from everything else, so it fails instead. */
function keptForRegistration(): GithubError {
  return new GithubError(
    'rate-limited',
    'not asked: what is left of the requests that GitHub allows this hour is kept for registrations',
  );
}
