import { systemClock } from '../../src/clock.ts';
import type { Millis, WallTime } from '../../src/core/model.ts';
import type { Clock } from '../../src/core/ports.ts';
import { NOW, WALL } from './builders.ts';

interface Sleeper {
  readonly due: Millis;
  readonly wake: () => void;
}

/** A clock that moves only when it is told to. */
export class TestClock implements Clock {
  boot = 'this-boot';
  /** By how much the wall clock is wrong. */
  skew: Millis = 0;
  #now: Millis = NOW;
  readonly #sleepers = new Set<Sleeper>();

  now(): Millis {
    return this.#now;
  }

  wall(): WallTime {
    return WALL + this.#now - NOW + this.skew;
  }

  /** How many are asleep: a test waits for this to know that a wait has begun. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** How long until nobody sleeps any more, if nobody is woken early. */
  get longest(): Millis {
    return Math.max(0, ...[...this.#sleepers].map(({ due }) => due - this.#now));
  }

  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        due: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Moves on and wakes whoever is due, the earliest first. */
  advance(ms: Millis): void {
    this.#now += ms;
    const due = [...this.#sleepers].filter((it) => it.due <= this.#now).sort((a, b) => a.due - b.due);
    for (const sleeper of due) sleeper.wake();
  }
}

/** Runs as the system's clock does, from `NOW` on. */
export class RunningClock implements Clock {
  readonly boot = 'this-boot';
  readonly #began = systemClock.now();

  now(): Millis {
    return NOW + systemClock.now() - this.#began;
  }

  wall(): WallTime {
    return WALL + this.now() - NOW;
  }

  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}
