import { describe, expect, it } from 'vitest';

import { covers, fold, missing } from '../../../src/core/plan/labels.ts';

describe('covers', () => {
  it.each([
    { title: 'a job that asks for all we offer', offered: ['a', 'b'], asked: ['a', 'b'], is: true },
    { title: 'a job that asks for less than we offer', offered: ['a', 'b'], asked: ['b'], is: true },
    { title: 'a job that asks for more than we offer', offered: ['a'], asked: ['a', 'b'], is: false },
    { title: 'a job that asks for something else', offered: ['a'], asked: ['c'], is: false },
    { title: 'a job that writes a label otherwise', offered: ['Linux'], asked: ['LINUX'], is: true },
    {
      title: 'an offer that is written otherwise',
      offered: ['SELF-hosted'],
      asked: ['self-hosted'],
      is: true,
    },
    { title: 'a label that is only part of ours', offered: ['linux'], asked: ['lin'], is: false },
    { title: 'a label asked for twice', offered: ['a'], asked: ['a', 'A'], is: true },
    { title: 'a job without labels', offered: ['a'], asked: [], is: false },
    { title: 'an offer of nothing', offered: [], asked: ['a'], is: false },
  ])('$title: $is', ({ offered, asked, is }) => {
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
