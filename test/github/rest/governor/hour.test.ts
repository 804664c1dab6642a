import { describe, expect, it } from 'vitest';

import { Hour } from '../../../../src/github/rest/governor/hour.ts';
import type { Priority } from '../../../../src/github/rest/governor/priority.ts';
import { LeapingClock } from '../../support.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** GitHub's side of it: what is left, and when it is renewed. */
class Limit {
  readonly clock = new LeapingClock();
  readonly hour = new Hour(this.clock, { burst: 0.2, reserve: 0.1 });
  readonly #limit: number;
  #remaining: number;
  #renewed: number;

  constructor(limit: number, left = HOUR) {
    this.#limit = limit;
    this.#remaining = limit;
    this.#renewed = this.clock.now() + left;
  }

  /** Somebody else's requests. */
  spend(count: number): void {
    this.#remaining -= count;
  }

  answer(): void {
    if (this.clock.now() >= this.#renewed) {
      this.#remaining = this.#limit;
      this.#renewed += HOUR;
    }
    const left = this.#renewed - this.clock.now();
    this.hour.heard({ limit: this.#limit, remaining: this.#remaining, left });
  }

  /** Sends what may go now, `most` at most; how many went. */
  send(priority: Priority, most: number, free = false): number {
    let sent = 0;
    while (sent < most && this.hour.wait(priority) === 0) {
      this.hour.sent(priority);
      if (!free) this.#remaining -= 1;
      this.hour.over(priority, free);
      this.answer();
      sent += 1;
    }
    return sent;
  }

  /** Sends all that may go for so long; how many went. */
  sendFor(ms: number, priority: Priority): number {
    let sent = 0;
    for (const end = this.clock.now() + ms; this.clock.now() < end; this.clock.advance(SECOND))
      sent += this.send(priority, Infinity);
    return sent;
  }
}

function known(limit: number, left?: number): Limit {
  const there = new Limit(limit, left);
  there.answer();
  return there;
}

describe('the hour', () => {
  it('holds up nobody before GitHub has said what it allows', () => {
    expect(new Limit(60).hour.wait('turn')).toBe(0);
  });

  it('is spread: a burst, then as much each minute, and the reserve stays', () => {
    const there = known(1_000);
    expect(there.send('list', Infinity)).toBe(200);
    const quarters = [1, 2, 3, 4].map(() => there.sendFor(15 * MINUTE, 'list'));
    for (const quarter of quarters) expect(quarter).toBeCloseTo(175, -1);
    expect(200 + quarters.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(900);
  });

  it('saves up one burst at most', () => {
    const there = known(1_000);
    there.send('list', Infinity);
    there.clock.advance(50 * MINUTE);
    expect(there.send('list', Infinity)).toBe(200);
  });

  it('takes a first burst of 500 counted reads of 5000 at once, those in turn as well', () => {
    expect(known(5_000).send('turn', 500)).toBe(500);
  });

  it('counts what went before GitHub had said anything', () => {
    const there = new Limit(100);
    for (let n = 0; n < 15; n += 1) there.hour.sent('list');
    there.answer();
    expect(there.send('list', Infinity)).toBe(5);
  });

  it('follows what others use under the same identity', () => {
    const there = known(1_000);
    there.send('list', Infinity);
    there.spend(610);
    there.answer();
    // 90 are left above the reserve of 100.
    expect(there.sendFor(20 * MINUTE, 'list')).toBeCloseTo(30, -1);
    there.spend(500);
    there.answer();
    expect(there.sendFor(30 * MINUTE, 'list')).toBe(0);
  });

  it('is whole again when it was renewed, by the length of time and not by the date', () => {
    const there = known(100, 10 * MINUTE);
    there.spend(95);
    there.answer();
    expect(there.hour.wait('list')).toBe(10 * MINUTE);
    there.clock.advance(10 * MINUTE);
    expect(there.send('list', Infinity)).toBe(20);
  });

  it('allows the next at once after a read that was free', () => {
    const there = known(100);
    there.send('list', Infinity);
    there.clock.advance(MINUTE);
    expect(there.send('list', 500, true)).toBe(500);
    expect(there.send('list', Infinity)).toBe(1);
  });

  it('lets go no more than are left while answers are awaited', () => {
    const there = known(100);
    let sent = 0;
    for (; there.hour.wait('list') === 0; sent += 1) there.hour.sent('list');
    expect(sent).toBe(20);
    const wait = there.hour.wait('list');
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(HOUR);
    there.hour.over('list', true);
    expect(there.hour.wait('list')).toBe(0);
  });

  it('believes the lower of two answers that overtook each other', () => {
    const there = known(100);
    there.hour.heard({ limit: 100, remaining: 5, left: HOUR });
    there.hour.heard({ limit: 100, remaining: 90, left: HOUR - SECOND });
    expect(there.hour.wait('list')).toBeGreaterThan(0);
    there.hour.heard({ limit: 100, remaining: 90, left: HOUR / 2 });
    expect(there.hour.wait('list')).toBe(0);
  });
});

describe('who stops first', () => {
  it('reads in turn leave a quarter of the burst', () => {
    const there = known(1_000);
    expect(there.send('turn', Infinity)).toBe(150);
    expect(there.send('fresh', Infinity)).toBe(50);
  });

  it.each<[Priority, number]>([
    ['turn', 151],
    ['fresh', 126],
    ['list', 101],
    ['cleanup', 34],
  ])('%s goes with %i of 1000 left, and with none less', (priority, least) => {
    for (const [remaining, goes] of [
      [least, true],
      [least - 1, false],
    ] as const) {
      const there = new Limit(1_000, MINUTE);
      there.hour.heard({ limit: 1_000, remaining, left: MINUTE });
      expect(there.hour.wait(priority) === 0).toBe(goes);
    }
  });

  it('registration does not', () => {
    const there = known(1_000);
    there.hour.heard({ limit: 1_000, remaining: 0, left: MINUTE });
    expect(there.hour.wait('registration')).toBe(0);
  });

  it.each<[Priority, boolean]>([
    ['list', true],
    ['fresh', false],
    ['turn', false],
  ])('after a counted %s read of the last ones, what changed goes first: %s', (priority, first) => {
    const there = known(5);
    there.hour.sent(priority);
    there.hour.over(priority, false);
    expect(there.hour.freshFirst).toBe(first);
  });

  it('nobody takes turns while there is plenty, nor after a free read', () => {
    const plenty = known(1_000);
    plenty.send('list', 10);
    expect(plenty.hour.freshFirst).toBe(false);
    const scarce = known(5);
    scarce.send('list', 1, true);
    expect(scarce.hour.freshFirst).toBe(false);
  });
});
