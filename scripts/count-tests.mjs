#!/usr/bin/env node
// Adds up the summaries that vitest printed into its logs, and prints the line that CI ends with. Exits 1 when a test
// failed or none ran.
import { readFileSync } from 'node:fs';

const lines = process.argv
  .slice(2)
  .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  .filter((line) => /^\s*Tests\s+\d/.test(line));
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const line of lines) {
  for (const [, count, what] of line.matchAll(/(\d+) (passed|failed|skipped)/g))
    totals[what] += Number(count);
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
