import { CORE } from './core.ts';
import { GITHUB } from './github.ts';
import { LOOP } from './loop.ts';
import type { Mutant } from './mutant.ts';
import { STORE } from './store.ts';

/** Each must be caught by the tests of its folder. */
export const MUTANTS: readonly Mutant[] = [...CORE, ...LOOP, ...STORE, ...GITHUB];

/**
 * Those that `wish` chooses: a file or folder below `src`, or a part of a name; every one without a wish.
 * @param wish the variable `MUTANT`
 */
export function choose(wish: string | undefined): readonly Mutant[] {
  return MUTANTS.filter(
    ({ file, name }) => wish === undefined || file.startsWith(wish) || name.includes(wish),
  );
}
