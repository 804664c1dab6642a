import type { Millis } from '../../src/core/model.ts';
import type { Clock } from '../../src/core/ports.ts';

interface Sleeper {
  readonly due: Millis;
  readonly wake: () => void;
}

/** A clock that moves only when it is told to. */
export class TestClock implements Clock {
  readonly boot = 'this-boot';
  #now: Millis;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now: Millis = Date.UTC(2026, 10, 20, 12, 0, 0)) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  wall(): number {
    return this.#now;
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
