import { defineConfig } from 'vitest/config';

/** The suite that runs inside the machine of scripts/test-host, where the checkout is read-only. */
export default defineConfig({
  cacheDir: '/tmp/vitest',
  test: {
    include: ['test/host/**/*.host.ts'],
    // Units, links and addresses are the machine's, not a test's.
    fileParallelism: false,
    // Bounds for what hangs; a machine that is busy with others as well is slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
