import { describe, expect, it } from 'vitest';

import { backoff, LONGEST } from '../../src/core/backoff.ts';
import { HOUR, MINUTE, SECOND } from '../support/builders.ts';

describe('backoff', () => {
  it.each([
    { title: 'five seconds at first', count: 1, chance: 0, is: 5 * SECOND },
    { title: 'up to a quarter more', count: 1, chance: 1, is: 6.25 * SECOND },
    { title: 'twice as long the second time', count: 2, chance: 0, is: 10 * SECOND },
    { title: 'and again', count: 3, chance: 0.5, is: 22.5 * SECOND },
    { title: 'ten minutes in the long run', count: 8, chance: 0, is: 10 * MINUTE },
    { title: 'after many failures still', count: 5_000, chance: 0, is: 10 * MINUTE },
    { title: 'and spread even then', count: 5_000, chance: 1, is: LONGEST },
  ])('$title', ({ count, chance, is }) => {
    expect(backoff(count, chance)).toBe(is);
  });

  it('leaves room for twelve tries an hour, however short they are', () => {
    let at = 0;
    let tries = 1;
    for (; at + backoff(tries, 0) <= HOUR; tries += 1) at += backoff(tries, 0);
    expect(tries).toBe(12);
  });
});
