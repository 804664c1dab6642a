import { describe, expect, it } from 'vitest';

import {
  classesFor,
  concernsUs,
  foldClasses,
  whyNoClass,
  covers,
  fold,
  missing,
} from '../../../src/core/plan/classes.ts';
import { job, policy, runnerClass } from '../../support/builders.ts';

const classes = foldClasses(
  policy({
    classes: [
      runnerClass({ name: 'small', labels: ['self-hosted', 'ci'] }),
      runnerClass({ name: 'big', labels: ['self-hosted', 'CI', 'Big', 'disk'] }),
    ],
  }),
);

describe('classesFor', () => {
  it.each([
    { title: 'all that cover it, in configuration order', labels: ['ci'], is: ['small', 'big'] },
    { title: 'the one that covers it', labels: ['ci', 'BIG'], is: ['big'] },
    { title: 'none where something is lacking', labels: ['ci', 'gpu'], is: [] },
    { title: 'none for a job without labels', labels: [], is: [] },
  ])('$title', ({ labels, is }) => {
    expect(classesFor(classes, job(1, { labels })).map(({ runnerClass }) => runnerClass.name)).toEqual(is);
  });
});

describe('concernsUs', () => {
  it.each([
    { title: 'a label of ours', labels: ['CI', 'gpu'], is: true },
    { title: 'self-hosted and nothing else of ours', labels: ['Self-Hosted', 'windows'], is: true },
    { title: "GitHub's own machines", labels: ['ubuntu-latest'], is: false },
    { title: 'no labels', labels: [], is: false },
  ])('$title: $is', ({ labels, is }) => {
    expect(concernsUs(classes, job(1, { labels }))).toBe(is);
  });

  it('self-hosted concerns us even where we do not offer it', () => {
    const bare = foldClasses(policy({ classes: [runnerClass({ labels: ['ci'] })] }));
    expect(concernsUs(bare, job(1, { labels: ['self-hosted'] }))).toBe(true);
  });
});

describe('whyNoClass', () => {
  it.each([
    {
      title: 'what nobody offers, as the job wrote it',
      labels: ['ci', 'GPU', 'arm'],
      is: 'no class offers: GPU, arm',
    },
    {
      title: 'what nobody offers, not what only one lacks',
      labels: ['big', 'gpu'],
      is: 'no class offers: gpu',
    },
  ])('$title', ({ labels, is }) => {
    expect(whyNoClass(classes, job(1, { labels }))).toBe(is);
  });

  it('what the nearest class lacks when each is offered by somebody', () => {
    const apart = foldClasses(
      policy({
        classes: [runnerClass({ name: 'a', labels: ['x'] }), runnerClass({ name: 'b', labels: ['y', 'z'] })],
      }),
    );
    expect(whyNoClass(apart, job(1, { labels: ['x', 'y', 'z'] }))).toBe(
      'no class offers all of them; b lacks: x',
    );
  });
});

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
