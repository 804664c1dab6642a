import { join } from 'node:path';
import { BaseSequencer, createVitest } from 'vitest/node';
import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';

import type { Mutant } from './mutant.ts';
import { mutate, pathOf } from './mutate.ts';

/** What one run of tests came to. It ends with the first that fails. */
export interface Outcome {
  /** The test that failed; null when all passed. */
  readonly failed: string | null;
  /** Why this says nothing: files that do not load, errors outside every test, nothing that ran. */
  readonly trouble: readonly string[];
}

/** Files run in the order in which they are asked for. */
class AsAsked extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files);
  }
}

/** One vitest for all mutants, one after another: only what a mutant breaks is read anew. Sources are never written. */
export class Bench implements AsyncDisposable {
  readonly #vitest: Vitest;
  readonly #broken: { now: Mutant | null };
  readonly #notes: Notes;

  private constructor(vitest: Vitest, broken: { now: Mutant | null }, notes: Notes) {
    this.#vitest = vitest;
    this.#broken = broken;
    this.#notes = notes;
  }

  static async open(): Promise<Bench> {
    const broken: { now: Mutant | null } = { now: null };
    const notes = new Notes();
    const vitest = await createVitest(
      'test',
      {
        root: join(import.meta.dirname, '../..'),
        config: false,
        watch: false,
        include: ['test/**/*.test.ts'],
        reporters: [notes],
        bail: 1,
        // Threads that are ended while they read an answer take the whole program with them.
        pool: 'forks',
        isolate: false,
        maxWorkers: 1,
        sequence: { sequencer: AsAsked },
        testTimeout: 15_000,
        hookTimeout: 15_000,
        // The seed is fixed: a mutant dies every time, and by the same test.
        env: { SIM_SEED: '1', MUTANT: 'yes' },
        chaiConfig: { truncateThreshold: 0 },
      },
      {
        plugins: [
          {
            name: 'mutant',
            enforce: 'pre',
            transform(code, id) {
              const { now } = broken;
              return now !== null && id.split('?')[0] === pathOf(now) ? mutate(code, now) : null;
            },
          },
        ],
      },
    );
    await vitest.standalone();
    return new Bench(vitest, broken, notes);
  }

  /** Runs these files, in order, over the program with this one mistake in it, or over the program as it is. */
  async run(mutant: Mutant | null, files: readonly string[]): Promise<Outcome> {
    const project = this.#vitest.getRootProject();
    this.#notes.clear();
    this.#broken.now = mutant;
    if (mutant !== null) this.#vitest.invalidateFile(pathOf(mutant));
    await this.#vitest.runTestSpecifications(files.map((file) => project.createSpecification(file)));
    this.#broken.now = null;
    if (mutant !== null) this.#vitest.invalidateFile(pathOf(mutant));
    return this.#notes.outcome();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vitest.close();
  }
}

/** What the tests of the run under way said. */
class Notes implements Reporter {
  #failed: string | null = null;
  #ran = 0;
  #trouble: string[] = [];

  clear(): void {
    this.#failed = null;
    this.#ran = 0;
    this.#trouble = [];
  }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'failed') this.#failed ??= test.fullName;
    if (state !== 'skipped') this.#ran += 1;
  }

  onTestModuleEnd(module: TestModule): void {
    // A file that does not load is no test that failed: the mutant is not a program.
    for (const { message } of module.errors()) this.#trouble.push(`${module.relativeModuleId}: ${message}`);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    for (const { message } of errors) this.#trouble.push(message);
  }

  outcome(): Outcome {
    const silent = this.#ran === 0 ? ['no test ran'] : [];
    // Once a test has failed the rest is broken off, in whatever state it is.
    return { failed: this.#failed, trouble: this.#failed === null ? [...this.#trouble, ...silent] : [] };
  }
}
