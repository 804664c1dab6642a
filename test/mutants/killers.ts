import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const TEST = join(import.meta.dirname, '..');

/** Where the tests of a folder of `src` are, those that are quick first. */
const TESTS_OF: Readonly<Record<string, readonly string[]>> = {
  core: ['core', 'sim/simulation.test.ts'],
  loop: ['loop'],
  store: ['store', 'contract/store.test.ts'],
  github: ['github'],
};

/** Tests of processes that they start: those run the sources as they are on disk, and so never a mutant. */
const LEFT_OUT: ReadonlySet<string> = new Set(['store/crash.test.ts', 'store/lock.test.ts']);

/** Sources without a test of their own, and which one speaks of them most. */
const NEAREST: Readonly<Record<string, string>> = {
  'core/known/runners.ts': 'core/plan/unregistered.test.ts',
  'core/plan/leftovers.ts': 'core/plan/facts.test.ts',
  'core/plan/observed.ts': 'core/plan/endings.test.ts',
  'core/observation.ts': 'core/known/due.test.ts',
  'core/apply/draft.ts': 'core/apply/apply.test.ts',
  'core/apply/outcomes.ts': 'core/apply/apply.test.ts',
  'core/plan/holds.ts': 'core/plan/demand-ghosts.test.ts',
  'loop/keeper.ts': 'loop/loop-ticks.test.ts',
  'loop/ticker.ts': 'loop/loop-ticks.test.ts',
  'loop/starter.ts': 'loop/executor.test.ts',
  'loop/cool-down.ts': 'loop/executor.test.ts',
  'github/errors.ts': 'github/reads-faults.test.ts',
  'github/shapes.ts': 'github/reads.test.ts',
  'github/wire.ts': 'github/rest/requester-lenient.test.ts',
  'github/registration-tokens.ts': 'github/registration.test.ts',
  'github/rest/governor/minute.ts': 'github/rest/governor/governor.test.ts',
  'github/rest/governor/request-queue.ts': 'github/rest/governor/governor.test.ts',
  'github/rest/governor/stop.ts': 'github/rest/governor/governor.test.ts',
  'github/rest/governor/token-bucket.ts': 'github/rest/governor/governor.test.ts',
  'github/rest/octokit.ts': 'github/rest/requester.test.ts',
  'github/rest/retry.ts': 'github/reads-faults.test.ts',
};

/** The folders of `src` whose mutants are killed here. */
export const FOLDERS: readonly string[] = Object.keys(TESTS_OF);

/** Every test file of a folder of `src`, absolute. */
export function testsOf(folder: string): readonly string[] {
  const places = TESTS_OF[folder];
  if (places === undefined) throw new Error(`src/${folder} has no tests that kill`);
  return places.flatMap(filesIn).map((file) => join(TEST, file));
}

/** The same for one file of `src`, with those first that are likeliest to notice. */
export function killersOf(file: string): readonly string[] {
  const [folder = ''] = file.split('/');
  const own = join(TEST, NEAREST[file] ?? file).replace(/(\.test)?\.ts$/, '');
  const rank = (test: string): number => (test.startsWith(own) ? 0 : 1);
  return [...testsOf(folder)].sort((a, b) => rank(a) - rank(b));
}

function filesIn(place: string): readonly string[] {
  if (place.endsWith('.ts')) return [place];
  return readdirSync(join(TEST, place), { recursive: true, encoding: 'utf8' })
    .map((file) => join(place, file))
    .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.has(file))
    .sort();
}
