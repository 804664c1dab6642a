import { whenAborted } from '../../../abort.ts';
import type { Millis } from '../../../core/model.ts';
import type { Clock } from '../../../core/ports.ts';
import type { Priority, Wish } from './priority.ts';

/** The longest sleep between two looks at who may go. */
const LONGEST_SLEEP: Millis = 60_000;

/** What a wish still waits for. */
export interface Verdict {
  /** How long, if nothing happens meanwhile; 0: it may go. */
  readonly wait: Millis;
  /** Whether it waits for points that are not kept for anybody: who comes after it must not take them. */
  readonly wantsPoints: boolean;
}

/** Says who may go, and counts those who went. */
export interface Gate {
  /** Kinds of wishes, those that go first first. */
  order(): readonly Wish[];
  /** @param others whether one that goes before waits for points */
  judge(wish: Wish, others: boolean): Verdict;
  take(wish: Wish): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Lets wishes through as a gate allows, and those of one kind in the order in which they came. */
export class RequestQueue {
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #lanes = new Map<string, Waiter[]>();
  #draining = false;
  #wake = new AbortController();

  constructor(clock: Clock, gate: Gate) {
    this.#clock = clock;
    this.#gate = gate;
  }

  /** Resolves once the gate took the wish; rejects with the signal's reason if that fires first. */
  pass(wish: Wish, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const lane = this.#lane(wish);
      const waiter: Waiter = {
        resolve: () => {
          forget();
          resolve();
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      lane.push(waiter);
      const forget = whenAborted(signal, (reason) => {
        const at = lane.indexOf(waiter);
        if (at >= 0) lane.splice(at, 1);
        this.look();
        reject(reason);
      });
      this.look();
      if (!this.#draining) void this.#drain();
    });
  }

  /** Looks again who may go: the gate may have opened. */
  look(): void {
    this.#wake.abort();
  }

  /** Rejects everybody who waits, or those of one priority. */
  refuse(error: Error, priority?: Priority): void {
    const waiters = [...this.#lanes].flatMap(([key, lane]) =>
      priority === undefined || key.startsWith(`${priority} `) ? lane.splice(0) : [],
    );
    for (const waiter of waiters) waiter.reject(error);
    this.look();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    for (let wait = this.#next(); wait !== null; wait = this.#next()) {
      if (wait === 0) continue;
      this.#wake = new AbortController();
      await this.#clock.sleep(Math.min(wait, LONGEST_SLEEP), this.#wake.signal);
    }
    this.#draining = false;
  }

  /** Lets one through, or says how long until one may go; null: nobody waits. */
  #next(): Millis | null {
    let soonest: Millis | null = null;
    let others = false;
    for (const wish of this.#gate.order()) {
      const lane = this.#lane(wish);
      if (lane.length === 0) continue;
      const { wait, wantsPoints } = this.#gate.judge(wish, others);
      if (wait <= 0) {
        this.#gate.take(wish);
        lane.shift()?.resolve();
        return 0;
      }
      others ||= wantsPoints;
      soonest = Math.min(soonest ?? wait, wait);
    }
    return soonest;
  }

  #lane({ kind, priority }: Wish): Waiter[] {
    const key = `${priority} ${kind}`;
    const lane = this.#lanes.get(key) ?? [];
    this.#lanes.set(key, lane);
    return lane;
  }
}
