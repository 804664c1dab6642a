import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { CORE } from './core.ts';
import { GITHUB } from './github.ts';
import { KNOWN } from './known.ts';
import { LOOP } from './loop.ts';
import type { Mutant } from './mutant.ts';
import { pathOf } from './mutate.ts';
import { STORE } from './store.ts';

/** Each must be caught by the tests of its folder. */
export const MUTANTS: readonly Mutant[] = [...CORE, ...KNOWN, ...LOOP, ...STORE, ...GITHUB];

/**
 * Every n-th of these, beginning at a place that changes with the sources: a machine that has no time for all of them
 * comes to each of them in the course of some changes.
 * @param n the variable `MUTANT_SHARE`, a whole number from 1
 */
export function everyNth(mutants: readonly Mutant[], n: number): readonly Mutant[] {
  const hash = createHash('sha256');
  for (const path of new Set(mutants.map(pathOf))) hash.update(readFileSync(path));
  const first = hash.digest().readUInt32BE() % n;
  return mutants.filter((_, at) => at % n === first);
}

/**
 * Those that `wish` chooses: a file or folder below `src`, or a part of a name; every one without a wish.
 * @param wish the variable `MUTANT`
 */
export function choose(wish: string | undefined): readonly Mutant[] {
  return MUTANTS.filter(
    ({ file, name }) => wish === undefined || file.startsWith(wish) || name.includes(wish),
  );
}
