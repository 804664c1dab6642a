import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Mutant } from './mutants.ts';

const CORE = join(import.meta.dirname, '../../src/core');

/** The source with its one text replaced; a text that is not there exactly once breaks nothing, and so is an error. */
export function mutate(source: string, { name, file, from, to }: Mutant): string {
  const parts = source.split(from);
  if (parts.length !== 2) {
    throw new Error(`mutant "${name}": its text is ${parts.length - 1} times in src/core/${file}, not once`);
  }
  return parts.join(to);
}

/** Throws unless the mutant has something to break. */
export function check(mutant: Mutant): void {
  mutate(readFileSync(join(CORE, mutant.file), 'utf8'), mutant);
}

/** A vite plugin that breaks the core as it is read; the source itself is never written. */
export function mutation(mutant: Mutant) {
  const target = join(CORE, mutant.file);
  return {
    name: 'mutant',
    enforce: 'pre' as const,
    transform(code: string, id: string): string | null {
      return id.split('?')[0] === target ? mutate(code, mutant) : null;
    },
  };
}
