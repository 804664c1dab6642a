import { GithubError } from '../core/errors.ts';
import type { Millis, WallTime } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';

/** The clock that `rest` reckons by: GitHub says until when it limits us in dates, which only the wall clock can meet. */
export function wallClock(clock: Clock): Clock {
  const { boot } = clock;
  const wall = (): WallTime => clock.wall();
  return { boot, now: wall, wall, sleep: (ms, signal) => clock.sleep(ms, signal) };
}

/** What `rest` has dated by the wall clock, on the monotonic clock. */
export class WallLimits {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async call<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof GithubError) || error.retryAt === null) throw error;
      const { code, message, cause, retryAt } = error;
      throw new GithubError(code, message, { cause, retryAt: this.#at(retryAt) });
    }
  }

  #at(date: WallTime): Millis {
    return date - this.#clock.wall() + this.#clock.now();
  }
}
