import { readdirSync } from 'node:fs';
import { join } from 'node:path';

// One file for all: a broken core is loaded once, not once for every table.
for (const folder of ['core', 'core/plan', 'sim']) {
  const from = join(import.meta.dirname, '..', folder);
  for (const file of readdirSync(from).filter((name) => name.endsWith('.test.ts'))) {
    await import(join(from, file));
  }
}
