#!/usr/bin/env node
// Adds up vitest's own JSON reports and prints the line that CI ends with; exits 1 when a test failed or none ran.
import { readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const path of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + (report.success ? 0 : Number(report.numFailedTests === 0));
  totals.skipped += report.numPendingTests + (report.numTodoTests ?? 0);
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
