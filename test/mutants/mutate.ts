import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Mutant } from './mutant.ts';

const SRC = join(import.meta.dirname, '../../src');

/** The source with its one text replaced; a text that is not there exactly once breaks nothing, and so is an error. */
export function mutate(source: string, { name, file, from, to }: Mutant): string {
  const parts = source.split(from);
  if (parts.length !== 2) {
    throw new Error(`mutant "${name}": its text is ${parts.length - 1} times in src/${file}, not once`);
  }
  return parts.join(to);
}

/** The file that a mutant breaks. */
export function pathOf({ file }: Mutant): string {
  return join(SRC, file);
}

/** Throws unless the mutant has something to break. */
export function check(mutant: Mutant): void {
  mutate(readFileSync(pathOf(mutant), 'utf8'), mutant);
}
