import { describe, expect, it } from 'vitest';

import { backoff } from '../../src/core/backoff.ts';
import { MINUTE, SECOND } from '../support/builders.ts';

describe('backoff', () => {
  it.each([
    { title: 'five seconds at first', count: 1, chance: 1, is: 5 * SECOND },
    { title: 'at least half of that', count: 1, chance: 0, is: 2.5 * SECOND },
    { title: 'twice as long the second time', count: 2, chance: 1, is: 10 * SECOND },
    { title: 'and again', count: 3, chance: 0.5, is: 15 * SECOND },
    { title: 'five minutes at most', count: 7, chance: 1, is: 5 * MINUTE },
    { title: 'after many failures still', count: 5_000, chance: 1, is: 5 * MINUTE },
    { title: 'and spread even then', count: 5_000, chance: 0, is: 2.5 * MINUTE },
  ])('$title', ({ count, chance, is }) => {
    expect(backoff(count, chance)).toBe(is);
  });
});
