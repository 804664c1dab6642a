import { describe, expect, it } from 'vitest';

import { FOLDERS, killersOf, testsOf } from '../mutants/killers.ts';
import { choose, everyNth, MUTANTS } from '../mutants/mutants.ts';
import { check, mutate } from '../mutants/mutate.ts';
import type { Run } from '../mutants/report.ts';
import { isGood, line, summary } from '../mutants/report.ts';

const sample = { name: 'sample', file: 'core/plan.ts', from: 'a > b', to: 'a >= b' };

describe('every mutant', () => {
  it.each(MUTANTS)('$file: $name', (mutant) => {
    expect(() => check(mutant)).not.toThrow();
    expect(mutant.to).not.toBe(mutant.from);
    expect(killersOf(mutant.file).length).toBeGreaterThan(0);
  });

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('choose', () => {
  it.each([
    { title: 'all, without a wish', wish: undefined, count: MUTANTS.length },
    { title: 'one, by its name', wish: 'subnets are used again', count: 1 },
    { title: 'none, by a text that is nowhere', wish: 'no such text', count: 0 },
  ])('$title', ({ wish, count }) => {
    expect(choose(wish)).toHaveLength(count);
  });

  it.each(FOLDERS)('those of %s, by the folder', (folder) => {
    const files = choose(`${folder}/`).map(({ file }) => file.split('/')[0]);
    expect(new Set(files)).toEqual(new Set([folder]));
  });
});

describe('everyNth', () => {
  it('is all of them for one, and for three a third that is spread over all folders', () => {
    expect(everyNth(MUTANTS, 1)).toEqual(MUTANTS);
    const third = everyNth(MUTANTS, 3);
    expect(Math.abs(third.length - MUTANTS.length / 3)).toBeLessThan(1);
    expect(new Set(third.map(({ file }) => file.split('/')[0]))).toEqual(new Set(FOLDERS));
  });
});

describe('killersOf', () => {
  it.each([
    { file: 'core/plan/demand.ts', first: 'test/core/plan/demand-ghosts.test.ts' },
    { file: 'loop/cool-down.ts', first: 'test/loop/executor.test.ts' },
    { file: 'store/files.ts', first: 'test/store/files.test.ts' },
  ])('of $file begin with $first, and are all those of the folder', ({ file, first }) => {
    const killers = killersOf(file);
    expect(killers[0]).toMatch(new RegExp(`${first}$`));
    expect([...killers].sort()).toEqual([...testsOf(file.split('/')[0] ?? '')].sort());
  });

  it('of the core end with the simulation', () => {
    expect(killersOf('core/plan/demand.ts').at(-1)).toMatch(/sim\/simulation\.test\.ts$/);
  });
});

describe('mutate', () => {
  it('replaces its one text', () => {
    expect(mutate('if (a > b) return;', sample)).toBe('if (a >= b) return;');
  });

  it.each([
    { title: 'is not there', source: 'if (a < b) return;', times: 0 },
    { title: 'is there twice', source: 'a > b || a > b', times: 2 },
  ])('is an error where its text $title', ({ source, times }) => {
    expect(() => mutate(source, sample)).toThrow(
      `mutant "sample": its text is ${times} times in src/core/plan.ts, not once`,
    );
  });
});

describe('the report', () => {
  const sound: Run = { name: 'core', isMutant: false, outcome: { failed: null, trouble: [] } };
  const dead: Run = { name: 'one', isMutant: true, outcome: { failed: 'room > a', trouble: [] } };
  const alive: Run = { name: 'two', isMutant: true, outcome: { failed: null, trouble: [] } };
  const ill: Run = { name: 'core', isMutant: false, outcome: { failed: 'room > a', trouble: [] } };
  const broken: Run = { name: 'three', isMutant: true, outcome: { failed: null, trouble: ['no test ran'] } };

  it.each([
    { run: sound, good: true, says: 'sound     core' },
    { run: dead, good: true, says: 'killed    one, by room > a' },
    { run: alive, good: false, says: 'SURVIVED  two' },
    { run: ill, good: false, says: 'FAILED    core, by room > a' },
    { run: broken, good: false, says: 'BROKEN    three: no test ran' },
  ])('$says', ({ run, good, says }) => {
    expect(line(run)).toBe(says);
    expect(isGood(run)).toBe(good);
  });

  it('ends in the form that CI adds up', () => {
    expect(summary([sound, dead])).toEqual(['1 mutants, 1 killed, 0 not', '      Tests  2 passed (2)']);
  });

  it('says once more what went wrong', () => {
    expect(summary([sound, dead, alive])).toEqual([
      'What went wrong:',
      'SURVIVED  two',
      '2 mutants, 1 killed, 1 not',
      '      Tests  1 failed | 2 passed (3)',
    ]);
  });
});
