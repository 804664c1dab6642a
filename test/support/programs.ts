import { basename, join, resolve } from 'node:path';

import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');
const COMPILED = join(ROOT, 'dist-test');

/** What tests start as processes of their own, below `test`. */
const PROGRAMS = [
  'e2e/crash-entry.ts',
  'engine/process/programs/start-and-wait.ts',
  'store/programs/hold-lock.ts',
  'store/programs/save-forever.ts',
  'support/reaper.ts',
];

/** The file to start for a program's source, as `compilePrograms` has left it. */
export function programPath(source: string): string {
  return join(COMPILED, basename(source).replace(/\.ts$/, '.js'));
}

/** One file for each program, with all that it imports: to start TypeScript as it is costs more than a second each. */
export async function compilePrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => join(ROOT, 'test', name)),
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
