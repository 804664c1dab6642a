/** Virtual time in milliseconds since the epoch: real time plus an offset that only grows. */
export class VirtualClock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves virtual time forward. It never goes back, because ids and tokens depend on it. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`advanceMs is ${ms}: give milliseconds, 0 or more`);
    this.#offset += ms;
  }
}

/** The wire form of a time: seconds, UTC, no fraction. */
export function wireTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
