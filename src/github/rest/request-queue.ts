import { whenAborted } from '../../abort.ts';
import type { Millis } from '../../core/model.ts';
import type { Clock } from '../../core/ports.ts';

/**
 * Who goes first: `cleanup` removes what exists, then `work` serves jobs, then `observation`, which can be repeated.
 */
export type Priority = 'cleanup' | 'work' | 'observation';

const ORDER: readonly Priority[] = ['cleanup', 'work', 'observation'];

/** Says how long a request must wait, and counts those that went. */
export interface Meter {
  /** How long until `cost` may be spent in that priority; 0: now. */
  wait(cost: number, priority: Priority): Millis;
  take(cost: number): void;
}

/** Allows `burst` at once, and `perSecond` more each second after that. */
export class TokenBucket implements Meter {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #at: Millis;

  constructor(clock: Clock, burst: number, perSecond: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#at = clock.now();
  }

  wait(cost: number): Millis {
    this.#refill();
    return this.#tokens >= cost ? 0 : Math.ceil(((cost - this.#tokens) / this.#perSecond) * 1000);
  }

  take(cost: number): void {
    this.#tokens -= cost;
  }

  #refill(): void {
    const now = this.#clock.now();
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed / 1000) * this.#perSecond);
    this.#at = now;
  }
}

const MINUTE = 60_000;

/** Allows at most `cap` in any minute. Each priority leaves a part of it to those before it. */
export class SlidingMinute implements Meter {
  readonly #clock: Clock;
  readonly #cap: Readonly<Record<Priority, number>>;
  #spent: { readonly at: Millis; readonly cost: number }[] = [];
  #sum = 0;

  /** `shares`: the part of the cap, 0 to 1, that a priority may fill. */
  constructor(clock: Clock, cap: number, shares: Readonly<Record<Priority, number>>) {
    this.#clock = clock;
    this.#cap = {
      cleanup: Math.floor(cap * shares.cleanup),
      work: Math.floor(cap * shares.work),
      observation: Math.floor(cap * shares.observation),
    };
  }

  wait(cost: number, priority: Priority): Millis {
    this.#forget();
    const now = this.#clock.now();
    let excess = this.#sum + cost - this.#cap[priority];
    if (excess <= 0) return 0;
    for (const entry of this.#spent) {
      excess -= entry.cost;
      if (excess <= 0) return Math.max(1, entry.at + MINUTE - now);
    }
    return MINUTE;
  }

  take(cost: number): void {
    this.#spent.push({ at: this.#clock.now(), cost });
    this.#sum += cost;
  }

  /** Drops entries older than a minute, and those in the future, which come from before the clock was set back. */
  #forget(): void {
    const now = this.#clock.now();
    this.#spent = this.#spent.filter(({ at }) => now - at < MINUTE && at <= now);
    this.#sum = this.#spent.reduce((sum, { cost }) => sum + cost, 0);
  }
}

interface Waiter {
  readonly cost: number;
  readonly priority: Priority;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Lets requests through as a meter allows: priority by priority, and in the order they came within one. */
export class RequestQueue {
  readonly #clock: Clock;
  readonly #meter: Meter;
  #waiters: Waiter[] = [];
  #draining = false;
  #wake = new AbortController();

  constructor(clock: Clock, meter: Meter) {
    this.#clock = clock;
    this.#meter = meter;
  }

  /** Resolves once the cost was spent; rejects with the signal's reason if that fires first. */
  pass(cost: number, priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        cost,
        priority,
        resolve: () => {
          forget();
          resolve();
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      const forget = whenAborted(signal, (reason) => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        this.#wake.abort();
        reject(reason);
      });
      this.#wake.abort();
      if (!this.#draining) void this.#drain();
    });
  }

  /** Rejects every request that waits. */
  refuse(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
    this.#wake.abort();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    for (let head = this.#head(); head !== undefined; head = this.#head()) {
      const ms = this.#meter.wait(head.cost, head.priority);
      if (ms > 0) {
        this.#wake = new AbortController();
        await this.#clock.sleep(ms, this.#wake.signal);
        continue;
      }
      this.#meter.take(head.cost);
      this.#waiters.splice(this.#waiters.indexOf(head), 1);
      head.resolve();
    }
    this.#draining = false;
  }

  #head(): Waiter | undefined {
    for (const rank of ORDER) {
      const first = this.#waiters.find(({ priority }) => priority === rank);
      if (first !== undefined) return first;
    }
    return undefined;
  }
}
