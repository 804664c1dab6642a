import { defineConfig } from 'vitest/config';

import { MUTANTS } from './test/mutants/mutants.ts';
import { check, mutation } from './test/mutants/mutate.ts';
import { MutantReport, SOUND } from './test/mutants/report.ts';

const only = process.env['MUTANT'];
const chosen = MUTANTS.filter((mutant) => only === undefined || mutant.name.includes(only));
for (const mutant of chosen) check(mutant);

const test = {
  include: ['test/mutants/everything.ts'],
  testTimeout: 60_000,
  chaiConfig: { truncateThreshold: 0 },
};

// One project for each broken core, and one for the core as it is. The seed is fixed: a mutant dies every time.
export default defineConfig({
  test: {
    reporters: [new MutantReport(chosen.map(({ name }) => name))],
    projects: [
      { test: { ...test, name: SOUND, env: { SIM_SEED: '1' } } },
      ...chosen.map((mutant) => ({
        plugins: [mutation(mutant)],
        test: { ...test, name: mutant.name, env: { SIM_SEED: '1', MUTANT: mutant.name } },
      })),
    ],
  },
});
