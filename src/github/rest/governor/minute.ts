import type { Millis } from '../../../core/model.ts';
import type { RequestPurpose } from '../../../core/observation.ts';
import type { Clock } from '../../../core/ports.ts';

const MINUTE: Millis = 60_000;

/** Points of each purpose. */
export type Points = Readonly<Record<RequestPurpose, number>>;

interface Spent {
  readonly at: Millis;
  readonly cost: number;
  readonly purpose: RequestPurpose;
}

/** Allows at most `cap` points in any 60 s, of which each purpose has a floor that the others cannot take. */
export class Minute {
  readonly #clock: Clock;
  readonly #cap: number;
  readonly #floors: Points;
  #spent: Spent[] = [];

  constructor(clock: Clock, cap: number, floors: Points) {
    this.#clock = clock;
    this.#cap = cap;
    this.#floors = floors;
  }

  /**
   * How long until the purpose may spend `cost`, if nobody else spends anything meanwhile; 0: now.
   * @param others whether others wait for points that belong to nobody: then only the purpose's own floor is for it
   */
  wait(cost: number, purpose: RequestPurpose, others: boolean): Millis {
    const now = this.#clock.now();
    this.#spent = this.#spent.filter(({ at }) => now - at < MINUTE);
    const sums: Record<RequestPurpose, number> = { observation: 0, registration: 0, cleanup: 0 };
    for (const one of this.#spent) sums[one.purpose] += one.cost;
    for (let gone = 0; ; gone += 1) {
      if (this.#allows(cost, purpose, others, sums)) {
        const last = this.#spent[gone - 1];
        return last === undefined ? 0 : Math.max(1, last.at + MINUTE - now);
      }
      const next = this.#spent[gone];
      if (next === undefined) return MINUTE;
      sums[next.purpose] -= next.cost;
    }
  }

  take(cost: number, purpose: RequestPurpose): void {
    this.#spent.push({ at: this.#clock.now(), cost, purpose });
  }

  #allows(cost: number, purpose: RequestPurpose, others: boolean, sums: Points): boolean {
    if (others && sums[purpose] + cost > this.#floors[purpose]) return false;
    let kept = 0;
    let sum = 0;
    for (const [name, floor] of Object.entries(this.#floors) as [RequestPurpose, number][]) {
      sum += sums[name];
      if (name !== purpose) kept += Math.max(0, floor - sums[name]);
    }
    return sum + cost <= this.#cap - kept;
  }
}
