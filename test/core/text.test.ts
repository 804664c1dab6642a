import { expect, it } from 'vitest';

import { durationText } from '../../src/core/text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each([
  [-5_000, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [45_000, '45 s'],
  [MINUTE - 1, '59 s'],
  [MINUTE, '1 min'],
  [14.9 * MINUTE, '14 min'],
  [HOUR - 1, '59 min'],
  [HOUR, '1 h'],
  [3 * HOUR + 5 * MINUTE, '3 h 5 min'],
  [DAY - 1, '23 h 59 min'],
  [DAY, '1 d'],
  [2 * DAY + 4 * HOUR + 59 * MINUTE, '2 d 4 h'],
  [400 * DAY, '400 d'],
])('%i ms: %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
