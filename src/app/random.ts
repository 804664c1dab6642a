import { randomInt } from 'node:crypto';

/** Draws from [0, 1). */
export function systemRandom(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
