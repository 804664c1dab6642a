import type { Millis } from '../../src/core/model.ts';

/** Something that is due at a time. */
export interface Timer {
  at: Millis;
  /** Those due at one time fire in the order they were made. */
  order: number;
  readonly fire: () => void;
  /** How often it repeats; null: once. */
  readonly every: Millis | null;
  live: boolean;
  /** Whether a program would stay alive for it. */
  held: boolean;
  /** The process that waits for it, so that it can die with that. */
  readonly owner: { readonly alive: boolean } | undefined;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Timers by when they are due: a binary heap, because an hour has many. */
export class Timers {
  readonly #heap: Timer[] = [];
  #made = 0;

  /** Every timer that may still fire. */
  get live(): readonly Timer[] {
    return this.#heap.filter(isLive);
  }

  add(timer: Omit<Timer, 'order' | 'live' | 'held'>): Timer {
    const { at, fire, every, owner } = timer;
    const added: Timer = { at, fire, every, owner, order: 0, live: true, held: true };
    this.push(added);
    return added;
  }

  /** Puts a timer in, behind all that are due at the same time. */
  push(timer: Timer): void {
    const heap = this.#heap;
    this.#made += 1;
    timer.order = this.#made;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Timer;
      if (!isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  /** The next one that is due by then, taken out. */
  take(until: Millis): Timer | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (isLive(first) && first.at > until) return undefined;
      this.#drop();
      if (isLive(first)) return first;
    }
    return undefined;
  }

  /** When the next one is due. */
  next(): Millis | undefined {
    let first = this.#heap[0];
    while (first !== undefined && !isLive(first)) {
      this.#drop();
      first = this.#heap[0];
    }
    return first?.at;
  }

  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let least = 2 * at + 1;
      const left = heap[least];
      if (left === undefined) break;
      const right = heap[least + 1];
      if (right !== undefined && isBefore(right, left)) least += 1;
      const child = heap[least] as Timer;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = last;
  }
}

function isLive({ live, owner }: Timer): boolean {
  return live && owner?.alive !== false;
}
