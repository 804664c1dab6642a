import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  // An exclamation mark: part of what is shipped, which is all that `knip --production` looks at.
  entry: [
    'src/main.ts!',
    'src/simulator/main.ts!',
    'src/simulator/runner/stand-in-runner.ts!',
    // Asked for by name.
    'bench/host.ts',
    'bench/host-machine.ts',
    'nix/tests/*.mjs',
    'scripts/*.{mjs,ts}',
    'test/**/programs/*.ts',
    'test/e2e/crash-entry.ts',
    'test/host/**/*.host.ts',
    'test/host/support/template-listener.ts',
    'test/nix/isolation/*.mjs',
    'test/support/reaper.ts',
    'vitest.host.config.ts',
  ],
  project: ['src/**/*.ts!', '{bench,scripts,test,nix}/**/*.{ts,mjs}'],
  // Named to pino as a text.
  ignoreDependencies: ['pino-pretty'],
  // The commands of the machine: docs and .ci/run say which are needed.
  exclude: ['binaries'],
  // In what is shipped, a part of a file may be open to tests, but not stand there for them alone.
  ignoreExportsUsedInFile: process.argv.includes('--production'),
};

export default config;
