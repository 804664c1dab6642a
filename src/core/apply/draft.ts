import type {
  ClaimedRunner,
  Debt,
  Failure,
  Finished,
  Ghost,
  Given,
  Instance,
  Millis,
  State,
  Suspect,
} from '../model.ts';

/** How many finished instances are kept, for people; older ones are dropped. */
const FINISHED_KEPT = 100;
/** More runners than can become busy between two polls, at the largest maximum. */
const CLAIMED_KEPT = 1_000;
/** More runners than can end before GitHub is read again, and more pairs of class and scope than anybody watches. */
const SUSPECTS_KEPT = 1_000;
const GIVEN_KEPT = 2_000;

/** What tells the records of one class in one scope from others. */
export function poolOf(of: { readonly className: string; readonly scope: string }): string {
  return `${of.scope} ${of.className}`;
}

/**
 * Records by key, in their order: looked up, replaced and removed in constant time. The list that it was made of stays
 * as it is, and is what `list` returns as long as nothing has changed.
 */
class Records<T> {
  readonly #before: readonly T[];
  readonly #keyOf: (record: T) => string | number;
  #byKey: Map<string | number, T> | null = null;
  #changed = false;

  constructor(before: readonly T[], keyOf: (record: T) => string | number) {
    this.#before = before;
    this.#keyOf = keyOf;
  }

  get(key: string | number): T | undefined {
    return this.#map.get(key);
  }

  /** Replaces the record of this key where it stands, or appends one. */
  set(record: T): void {
    const key = this.#keyOf(record);
    if (this.#map.get(key) === record) return;
    this.#map.set(key, record);
    this.#changed = true;
  }

  /** Appends one of a new key. */
  add(record: T): void {
    const key = this.#keyOf(record);
    if (this.#map.has(key)) throw new Error(`there is a ${key} already`);
    this.set(record);
  }

  delete(key: string | number): void {
    if (this.#map.delete(key)) this.#changed = true;
  }

  /** Replaces each by what `next` makes of it. */
  update(next: (record: T) => T): void {
    for (const record of this.#map.values()) this.set(next(record));
  }

  /** Removes those that the test says no to. */
  keep(test: (record: T) => boolean): void {
    for (const [key, record] of this.#map) if (!test(record)) this.delete(key);
  }

  /** All of them, or the newest so many. */
  list(kept = Infinity): readonly T[] {
    if (!this.#changed) return this.#before;
    const all = [...this.#map.values()];
    return all.length > kept ? all.slice(-kept) : all;
  }

  get #map(): Map<string | number, T> {
    this.#byKey ??= new Map(this.#before.map((record) => [this.#keyOf(record), record]));
    return this.#byKey;
  }
}

/** A state while changes are applied to it, so that many cost no more than one each. It belongs to `apply` alone. */
export class Draft {
  readonly instances: Records<Instance>;
  readonly debts: Records<Debt>;
  readonly failures: Records<Failure>;
  readonly ghosts: Records<Ghost>;
  readonly suspects: Records<Suspect>;
  readonly given: Records<Given>;
  readonly claimed: Records<ClaimedRunner>;
  answeredAt: Readonly<Record<string, Millis>>;
  readonly #before: State;
  readonly #finished: Finished[] = [];

  constructor(before: State) {
    this.#before = before;
    this.instances = new Records(before.instances, ({ name }) => name);
    this.debts = new Records(before.debts, ({ runnerName }) => runnerName);
    this.failures = new Records(before.failures, poolOf);
    this.ghosts = new Records(before.ghosts, ({ jobId }) => jobId);
    this.suspects = new Records(before.suspects, ({ runnerName }) => runnerName);
    this.given = new Records(before.given, poolOf);
    this.claimed = new Records(before.claimed, ({ runnerName }) => runnerName);
    this.answeredAt = before.answeredAt;
  }

  finish(one: Finished): void {
    this.#finished.push(one);
  }

  get state(): State {
    const before = this.#before;
    return {
      instances: this.instances.list(),
      debts: this.debts.list(),
      failures: this.failures.list(),
      ghosts: this.ghosts.list(),
      suspects: this.suspects.list(SUSPECTS_KEPT),
      given: this.given.list(GIVEN_KEPT),
      claimed: this.claimed.list(CLAIMED_KEPT),
      finished:
        this.#finished.length === 0
          ? before.finished
          : [...before.finished, ...this.#finished].slice(-FINISHED_KEPT),
      answeredAt: this.answeredAt,
    };
  }
}
