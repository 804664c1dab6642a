import { describe, expect, it } from 'vitest';

import type { Instant } from '../../../src/core/time/instant.ts';
import { instantOf, restore, wallAt, wallInstant } from '../../../src/core/time/instant.ts';
import { HOUR, MINUTE, NOW, WALL } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';

const now: Instant = { boot: 'this-boot', monotonic: NOW, wall: WALL };
const yesterday: Instant = { boot: 'another', monotonic: 7 * HOUR, wall: WALL - 24 * HOUR };

it('is what the clock says', () => {
  expect(instantOf(new TestClock())).toEqual(now);
});

describe('a time that was stored', () => {
  const then = { boot: 'this-boot', monotonic: NOW - MINUTE, wall: WALL - MINUTE };

  it.each([0, 3 * HOUR, -3 * HOUR])('is the same in this boot, with a wall clock moved by %i', (skew) => {
    expect(restore(then, { ...now, wall: WALL + skew })).toBe(NOW - MINUTE);
  });

  it('is never in the future, not even of a boot that was rolled back', () => {
    expect(restore(then, { ...now, monotonic: HOUR })).toBe(HOUR);
  });

  it('is as long ago as the wall clocks say after another boot', () => {
    expect(restore(yesterday, now)).toBe(NOW - 24 * HOUR);
    expect(restore(yesterday, { ...now, monotonic: MINUTE })).toBe(MINUTE - 24 * HOUR);
  });

  it('is now where the wall clock was set back since', () => {
    expect(restore(yesterday, { ...now, wall: yesterday.wall - 1 })).toBe(NOW);
  });

  it('and one that the wall clock alone tells of is as long ago as it says', () => {
    expect(restore(wallInstant(WALL - HOUR), now)).toBe(NOW - HOUR);
    expect(restore(wallInstant(WALL + HOUR), now)).toBe(NOW);
  });
});

it('is shown as the wall clock has it now, before and after', () => {
  expect([NOW - HOUR, NOW, NOW + HOUR].map((at) => wallAt(at, now))).toEqual([
    WALL - HOUR,
    WALL,
    WALL + HOUR,
  ]);
});
