import { build } from 'esbuild';
import { join, resolve } from 'node:path';

import { COMPILED } from './program.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What tests start as processes of their own. */
const PROGRAMS = [
  'src/main.ts',
  'test/e2e/crash-entry.ts',
  'test/engine/process/programs/start-and-wait.ts',
  'test/store/programs/hold-lock.ts',
  'test/store/programs/save-forever.ts',
  'test/support/reaper.ts',
];

/**
 * One file for each program, with all that it imports: it starts in a third of a second of processor time, where several
 * hundred files take almost one, and TypeScript as it is more than two.
 */
export async function compilePrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => join(ROOT, name)),
    entryNames: '[name]',
    outdir: COMPILED,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // For packages that are CommonJS still.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
