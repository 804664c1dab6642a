import { describe, expect, it } from 'vitest';

import { covers, fold, missing } from '../../src/core/labels.ts';

describe('covers', () => {
  it.each([
    { it: 'a job that asks for all we offer', offered: ['a', 'b'], asked: ['a', 'b'], is: true },
    { it: 'a job that asks for less than we offer', offered: ['a', 'b'], asked: ['b'], is: true },
    { it: 'a job that asks for more than we offer', offered: ['a'], asked: ['a', 'b'], is: false },
    { it: 'a job that asks for something else', offered: ['a'], asked: ['c'], is: false },
    { it: 'a job that writes a label otherwise', offered: ['Linux'], asked: ['LINUX'], is: true },
    { it: 'an offer that is written otherwise', offered: ['SELF-hosted'], asked: ['self-hosted'], is: true },
    { it: 'a label that is only part of ours', offered: ['linux'], asked: ['lin'], is: false },
    { it: 'a label asked for twice', offered: ['a'], asked: ['a', 'A'], is: true },
    { it: 'a job without labels', offered: ['a'], asked: [], is: false },
    { it: 'an offer of nothing', offered: [], asked: ['a'], is: false },
  ])('$it: $is', ({ offered, asked, is }) => {
    expect(covers(fold(offered), asked)).toBe(is);
  });
});

describe('missing', () => {
  it('names what is not offered as the job wrote it', () => {
    expect(missing(fold(['ci']), ['CI', 'GPU', 'Big'])).toEqual(['GPU', 'Big']);
  });

  it('is empty where all is offered', () => {
    expect(missing(fold(['CI']), ['ci'])).toEqual([]);
  });
});
