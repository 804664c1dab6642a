import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Found } from './report.ts';

const TEST_HOST = fileURLToPath(new URL('../scripts/test-host', import.meta.url));
const INSIDE = ['node', 'node_modules/tsx/dist/cli.mjs', 'bench/host-machine.ts'];

/** Real containers on the machine of scripts/test-host; says so in one line where that cannot be booted. */
export async function bench(): Promise<Found> {
  const missing = (await output(['check'])).trim();
  if (missing !== '') return { lines: [`skipped: this machine lacks ${missing}`], figures: {} };
  const lines = (await output(['run', ...INSIDE])).trimEnd().split('\n');
  const figures = JSON.parse(lines.pop() ?? '{}') as Record<string, unknown>;
  return { lines, figures };
}

async function output(args: readonly string[]): Promise<string> {
  const child = spawn(TEST_HOST, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`scripts/test-host ${args[0] ?? ''} failed with status ${code ?? 'unknown'}`);
  return text;
}
