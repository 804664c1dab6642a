import { availableParallelism } from 'node:os';

import { Bench } from './bench.ts';
import { FOLDERS, killersOf, testsOf } from './killers.ts';
import type { Mutant } from './mutant.ts';
import { choose, everyNth } from './mutants.ts';
import { check } from './mutate.ts';
import { isGood, line, summary } from './report.ts';
import type { Run } from './report.ts';

/** Tests of some files over one state of the program. */
interface Job {
  readonly name: string;
  readonly mutant: Mutant | null;
  readonly files: readonly string[];
}

const chosen = everyNth(choose(process.env['MUTANT']), Number(process.env['MUTANT_SHARE'] ?? 1));
for (const mutant of chosen) check(mutant);

const folders = FOLDERS.filter((folder) => chosen.some(({ file }) => file.startsWith(`${folder}/`)));

/** A folder's jobs: its code as it is, which takes longest, and then its mutants. */
function jobsOf(folder: string): readonly Job[] {
  return [
    { name: `src/${folder} as it is`, mutant: null, files: testsOf(folder) },
    ...chosen
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .map((mutant) => ({ name: `${mutant.file}: ${mutant.name}`, mutant, files: killersOf(mutant.file) })),
  ];
}

/** The lists side by side: tests of the core compute, and those of the other folders mostly wait. */
function spread<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const places = lists.flatMap((list) => list.map((item, at) => ({ item, at: (at + 0.5) / list.length })));
  return places.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

const jobs = spread(folders.map(jobsOf));

const waiting = jobs.values();
const runs: Run[] = [];

async function work(): Promise<void> {
  await using bench = await Bench.open();
  for (const { name, mutant, files } of waiting) {
    const run = { name, isMutant: mutant !== null, outcome: await bench.run(mutant, files) };
    runs.push(run);
    process.stdout.write(`${line(run)}\n`);
  }
}

// Four for each core: most of them wait.
await Promise.all(Array.from({ length: Math.min(4 * availableParallelism(), jobs.length) }, work));
process.stdout.write(`${summary(runs).join('\n')}\n`);
process.exitCode = runs.length > 0 && runs.every(isGood) ? 0 : 1;
