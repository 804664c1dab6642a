/**
 * A value and its past. Late and stale answers are made by asking for an earlier time, so no second copy of the world
 * is needed.
 */
export class Timeline<T> {
  readonly #first: { readonly at: number; readonly value: T };
  readonly #entries: { readonly at: number; readonly value: T }[];

  constructor(at: number, value: T) {
    this.#first = { at, value };
    this.#entries = [this.#first];
  }

  /** The value right now. */
  get current(): T {
    return (this.#entries.at(-1) ?? this.#first).value;
  }

  set(at: number, value: T): void {
    this.#entries.push({ at, value });
  }

  /** The value as of `time`; undefined before the beginning. */
  at(time: number): T | undefined {
    return this.#entries.findLast((entry) => entry.at <= time)?.value;
  }

  /** The last change up to `time`, or the beginning. */
  lastChange(time: number): number {
    return (this.#entries.findLast((entry) => entry.at <= time) ?? this.#first).at;
  }

  /** As `at`, but the first value stands for all that was before it. */
  atOrFirst(time: number): T {
    return (this.#entries.findLast((entry) => entry.at <= time) ?? this.#first).value;
  }
}
