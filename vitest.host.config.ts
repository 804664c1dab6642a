import { defineConfig } from 'vitest/config';

/** The suite that runs inside the machine of scripts/test-host, where the checkout is read-only. */
export default defineConfig({
  cacheDir: '/tmp/vitest',
  test: {
    include: ['test/host/**/*.host.ts'],
    // Units, links and addresses are the machine's, not a test's.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
