import { describe, expect, it } from 'vitest';

import { MUTANTS } from '../mutants/mutants.ts';
import { check, mutate, mutation } from '../mutants/mutate.ts';
import { SOUND, verdict } from '../mutants/report.ts';

const sample = { name: 'sample', file: 'plan.ts', from: 'a > b', to: 'a >= b' };

describe('every mutant', () => {
  it.each(MUTANTS)('$name', (mutant) => {
    expect(() => check(mutant)).not.toThrow();
    expect(mutant.to).not.toBe(mutant.from);
  });

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
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

  it('breaks its own file and no other', () => {
    const [real] = MUTANTS;
    if (real === undefined) throw new Error('no mutants');
    const plugin = mutation(real);
    expect(plugin.transform(real.from, `/elsewhere/${real.file}`)).toBeNull();
  });
});

describe('verdict', () => {
  const names = ['one', 'two'];

  it('says which tests killed what', () => {
    const kills = new Map([
      ['one', ['any history keeps', 'room > a']],
      ['two', ['room > b', 'room > c']],
    ]);
    expect(verdict(names, kills)).toEqual({
      lines: [
        'mutant one  killed by 1 in tables: room > a; the simulation',
        'mutant two  killed by 2 in tables: room > b',
        '2 mutants, 2 killed, 0 survived',
      ],
      ok: true,
    });
  });

  it('is bad when one survives', () => {
    expect(verdict(names, new Map([['one', ['room > a']]]))).toEqual({
      lines: [
        'mutant one  killed by 1 in tables: room > a',
        'mutant two  SURVIVED',
        '2 mutants, 1 killed, 1 survived',
      ],
      ok: false,
    });
  });

  it('is bad when the core that is not broken fails, and counts that for no kill', () => {
    const kills = new Map([
      [SOUND, ['room > a']],
      ['one', ['room > a']],
      ['two', ['room > b']],
    ]);
    expect(verdict(names, kills)).toMatchObject({ ok: false });
    expect(verdict(names, kills).lines).toContain('mutant one  SURVIVED');
  });
});
