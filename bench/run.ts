import { existsSync } from 'node:fs';

import { burst } from './burst.ts';
import { crash } from './crash.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { benchPlanner, describePlanner } from './planner.ts';
import type { Found } from './report.ts';
import { virtual } from './virtual.ts';

async function planner(): Promise<Found> {
  const figures = benchPlanner();
  return Promise.resolve({ lines: describePlanner(figures), figures: { plans: figures } });
}

/** A benchmark in a file of its own that this machine or version may lack; it exports `bench`. */
function optional(file: string): () => Promise<Found> {
  const url = new URL(file, import.meta.url);
  return async () => {
    if (!existsSync(url)) return { lines: ['not part of this version'], figures: {} };
    const { bench } = (await import(url.href)) as { readonly bench: () => Found | Promise<Found> };
    return bench();
  };
}

const BENCHES: Readonly<Record<string, () => Promise<Found>>> = {
  planner,
  latency,
  idle,
  memory,
  burst,
  crash,
  virtual,
  host: optional('host.ts'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no benchmark is named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  const figures: Record<string, unknown> = {};
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const found = await bench();
    figures[name] = found.figures;
    for (const line of found.lines) console.log(`${name.padEnd(8)} ${line}`);
  }
  console.log(JSON.stringify(figures));
}
