import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

/** CI names a folder; the runner's own JSON report goes there. */
const folder = process.env['TEST_REPORT'];
const name = process.env['TEST_REPORT_NAME'] ?? 'unit';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/host/**', 'test/mutants/**'],
    // A row's name is its sentence, whole.
    chaiConfig: { truncateThreshold: 0 },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: folder === undefined ? ['default'] : ['default', 'json'],
    ...(folder === undefined ? {} : { outputFile: { json: join(folder, `${name}.json`) } }),
  },
});
