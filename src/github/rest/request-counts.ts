import type { RequestCounts, RequestPurpose } from '../../core/observation.ts';
import type { Clock } from '../../core/ports.ts';

const MINUTE = 60_000;
const MINUTES = 60;

type Minute = { number: number } & { -readonly [Key in keyof RequestCounts]: RequestCounts[Key] } & {
  byPurpose: Record<RequestPurpose, number>;
};

/** Requests of the last hour, counted by minutes; the minute that runs is the last of them. */
export class RequestCounter {
  readonly #clock: Clock;
  #minutes: Minute[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sent(purpose: RequestPurpose): void {
    const minute = this.#minute();
    minute.sent += 1;
    minute.byPurpose[purpose] += 1;
  }

  /** An answer came that GitHub counts against the primary limit. */
  counted(): void {
    this.#minute().counted += 1;
  }

  /** A 304 came, which costs nothing. */
  notModified(): void {
    this.#minute().notModified += 1;
  }

  lastHour(): RequestCounts {
    this.#forget();
    const sum = nothing();
    for (const minute of this.#minutes) {
      sum.sent += minute.sent;
      sum.counted += minute.counted;
      sum.notModified += minute.notModified;
      for (const [purpose, count] of Object.entries(minute.byPurpose) as [RequestPurpose, number][])
        sum.byPurpose[purpose] += count;
    }
    const { sent, counted, notModified, byPurpose } = sum;
    return { sent, counted, notModified, byPurpose };
  }

  #minute(): Minute {
    const number = this.#number();
    const last = this.#minutes.at(-1);
    if (last?.number === number) return last;
    this.#forget();
    const minute = { ...nothing(), number };
    this.#minutes.push(minute);
    return minute;
  }

  #forget(): void {
    const number = this.#number();
    this.#minutes = this.#minutes.filter((minute) => number - minute.number < MINUTES);
  }

  #number(): number {
    return Math.floor(this.#clock.now() / MINUTE);
  }
}

function nothing(): Minute {
  return {
    number: 0,
    sent: 0,
    counted: 0,
    notModified: 0,
    byPurpose: { observation: 0, registration: 0, cleanup: 0 },
  };
}
