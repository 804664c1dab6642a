import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start processes, or whole controllers: each needs the build, and leaves nothing behind. */
const E2E = [
  'test/cli/*/**/*.test.ts',
  'test/cli/!(command|commands|parse).test.ts',
  'test/contract/engine.test.ts',
  'test/e2e/**/*.test.ts',
  'test/engine/process/**/*.test.ts',
  'test/golden/**/*.test.ts',
  'test/simulator/**/{main,stand-in-runner}.test.ts',
  'test/store/{crash,lock}.test.ts',
  'test/virtual/**/*.test.ts',
];

/** Files that take longest begin first, so that none of them runs alone at the end. */
const LONG = ['test/e2e/crash.test.ts', 'test/e2e/burst.test.ts', 'test/e2e/github-faults.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

const shared = {
  // A row's name is its sentence, whole.
  chaiConfig: { truncateThreshold: 0 },
  // For a machine that does other things, too: what is waited for comes, and a test that fails says so itself.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { interval: 20, timeout: 100_000 } },
  // Most of a file's time would be the loading of what the file before it had loaded. No test changes a module.
  isolate: false,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: E2E,
          // Half of them wait for answers on loopback or for a shell.
          maxWorkers: 2 * availableParallelism(),
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: E2E,
          globalSetup: 'test/support/setup/run-setup.ts',
          setupFiles: 'test/support/setup/file-setup.ts',
          // They wait more than they work.
          maxWorkers: 3,
          maxConcurrency: 6,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
