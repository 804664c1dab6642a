/**
 * Hours in seconds. While it is installed, every timer and `Date.now` of this worker are those of a virtual time that moves
 * only when nothing is left to do; what is real is the event loop between two instants. `rig.ts` puts a whole controller
 * into it.
 */
import type { Millis, WallTime } from '../../src/core/model.ts';
import { currentProcess } from './process.ts';
import { Timers, type Timer } from './timers.ts';

const START: WallTime = Date.UTC(2026, 10, 20, 12, 0, 0);

/** Turns of the event loop without any activity before time moves on; an answer takes at most two between two of its steps. */
const QUIET_TURNS = 2;
/** The same while requests are unanswered: one that hangs makes each instant so much dearer, and no longer. */
const QUIET_TURNS_WHILE_ASKED = 6;
/** An instant in which more happens than this will never end. */
const MOST_TURNS = 200_000;

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  now: Date.now,
};
const signals = AbortSignal as { timeout: (this: void, ms: number) => AbortSignal };
const realTimeout = signals.timeout;

/** What `setTimeout` returns, as far as anybody uses it. */
class Handle {
  readonly timer: Timer;
  constructor(timer: Timer) {
    this.timer = timer;
  }
  ref(): this {
    this.timer.held = true;
    return this;
  }
  unref(): this {
    this.timer.held = false;
    return this;
  }
  hasRef(): boolean {
    return this.timer.held;
  }
}

export class VirtualTime implements Disposable {
  readonly #timers = new Timers();
  #now: Millis = START;
  /** Grows with everything that can lead to more at the same instant. */
  #activity = 0;
  #asked = 0;
  #working = 0;
  #installed = false;

  /** Takes the place of the worker's timers until disposed. */
  constructor() {
    if (Date.now !== real.now) throw new Error('another virtual time is installed');
    this.#installed = true;
    const cancel = (handle: unknown): void => {
      this.#activity += 1;
      if (handle instanceof Handle) handle.timer.live = false;
      // A timer from before this time, or of the test runner.
      else real.clearTimeout(handle as NodeJS.Timeout);
    };
    const make =
      (repeats: boolean) =>
      (fire: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Handle =>
        new Handle(this.#later(ms, () => fire(...args), repeats));
    globalThis.setTimeout = make(false) as unknown as typeof setTimeout;
    globalThis.setInterval = make(true) as unknown as typeof setInterval;
    globalThis.clearTimeout = cancel;
    globalThis.clearInterval = cancel;
    Date.now = () => this.#now;
    signals.timeout = (ms) => {
      const controller = new AbortController();
      this.#later(ms, () => controller.abort(new DOMException('timed out', 'TimeoutError')), false).held =
        false;
      return controller.signal;
    };
  }

  now(): WallTime {
    return this.#now;
  }

  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const over = (): void => {
        timer.live = false;
        this.#activity += 1;
        signal?.removeEventListener('abort', over);
        resolve();
      };
      const timer = this.#later(ms, over, false);
      signal?.addEventListener('abort', over, { once: true });
    });
  }

  /** A request that may never be answered: time waits for it a little, and then moves on without it. */
  async asking<T>(work: Promise<T>): Promise<T> {
    this.#asked += 1;
    this.#activity += 1;
    try {
      return await work;
    } finally {
      this.#asked -= 1;
      this.#activity += 1;
    }
  }

  /** Work on real files, or of another real kind, that takes no virtual time: time stands still until it is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await work;
    } finally {
      this.#working -= 1;
      this.#activity += 1;
    }
  }

  /** Moves on by `ms`, or until the answer is true. Returns whether it was. */
  async run(ms: Millis, until: () => boolean = () => false): Promise<boolean> {
    const end = this.#now + ms;
    await this.#settle();
    while (!until()) {
      const next = this.#timers.next();
      if (next === undefined || next > end) {
        this.#now = end;
        return false;
      }
      this.#now = Math.max(this.#now, next);
      const before = this.#activity;
      this.#fire();
      // Mostly it was a pulse that found nothing to do; the event loop need not turn for that.
      if (this.#activity === before) await Promise.resolve();
      else await this.#settle();
    }
    return true;
  }

  /** The timers that would keep a program alive. Once all is closed there should be none. */
  get pending(): number {
    return this.#timers.live.filter(({ held }) => held).length;
  }

  /** Gives the worker its own time back. */
  [Symbol.dispose](): void {
    if (!this.#installed) return;
    this.#installed = false;
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    globalThis.setInterval = real.setInterval;
    globalThis.clearInterval = real.clearInterval;
    Date.now = real.now;
    signals.timeout = realTimeout;
  }

  #later(ms: Millis, fire: () => void, repeats: boolean): Timer {
    this.#activity += 1;
    // What only lets others go first takes no time here: the client's libraries do that several times a request.
    const wait = Math.max(repeats ? 1 : 0, Math.ceil(ms));
    return this.#timers.add({
      at: this.#now + wait,
      fire,
      every: repeats ? wait : null,
      owner: currentProcess(),
    });
  }

  /** Fires all that is due now. */
  #fire(): void {
    for (
      let timer = this.#timers.take(this.#now);
      timer !== undefined;
      timer = this.#timers.take(this.#now)
    ) {
      if (timer.every === null) {
        timer.live = false;
        this.#activity += 1;
      }
      timer.fire();
      if (timer.every === null) continue;
      timer.at = this.#now + timer.every;
      this.#timers.push(timer);
    }
  }

  /** Turns the event loop until nothing happens any more at this instant. */
  async #settle(): Promise<void> {
    let quiet = 0;
    for (let turns = 0; ; turns += 1) {
      if (turns > MOST_TURNS)
        throw new Error(`this instant does not end: ${new Date(this.#now).toISOString()}`);
      const before = this.#activity;
      await new Promise<void>((resolve) => {
        real.setImmediate(resolve);
      });
      this.#fire();
      quiet = this.#activity === before && this.#working === 0 ? quiet + 1 : 0;
      if (quiet >= (this.#asked > 0 ? QUIET_TURNS_WHILE_ASKED : QUIET_TURNS)) return;
    }
  }
}
