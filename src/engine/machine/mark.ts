import type { ContainerMark } from '../../core/observation.ts';
import type { Millis } from '../../core/model.ts';
import type { MachinePaths } from './paths.ts';
import { writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { EngineError } from '../../core/errors.ts';
import { readSmallFile } from '../small-file.ts';

const MAX_BYTES = 16_384;

const marked = z.object({
  version: z.literal(1),
  RUNNER_CONTROLLER_ID: z.string(),
  mark: z.object({
    className: z.string(),
    scope: z.string(),
    runnerName: z.string(),
    subnet: z.number().int().min(0).max(255),
    forJob: z.number(),
    forAttempt: z.number(),
  }),
});

const booted = z.object({ startedAt: z.number(), readyAt: z.number().nullable() });

/** `mark.json` of a container: whose it is and why it exists. */
export interface Marked {
  readonly controllerId: string;
  readonly mark: ContainerMark;
}

/** When a container was started and got ready, by our clock. */
export interface Boot {
  readonly startedAt: Millis;
  readonly readyAt: Millis | null;
}

/** The text that marks a container as ours. */
export function markText(of: ContainerMark, controllerId: string): string {
  const { className, scope, runnerName, subnet, forJob, forAttempt } = of;
  const mark = { className, scope, runnerName, subnet, forJob, forAttempt };
  return JSON.stringify({ version: 1, RUNNER_CONTROLLER_ID: controllerId, mark });
}

/** Null: there is none, or none that can be read. Throws when the machine is short of something. */
export function readMark(text: string | null): Marked | null {
  const { success, data } = marked.safeParse(parseJson(text));
  return success ? { controllerId: data.RUNNER_CONTROLLER_ID, mark: data.mark } : null;
}

export function readMarkFile(paths: MachinePaths): Marked | null {
  return readMark(readSmallFile(paths.mark, MAX_BYTES));
}

/** Replaces the mark whole: a reader sees the old one or the new one. */
export async function rewriteMark(paths: MachinePaths, { mark, controllerId }: Marked): Promise<void> {
  await writeFile(`${paths.mark}.next`, markText(mark, controllerId), { mode: 0o600 });
  await rename(`${paths.mark}.next`, paths.mark);
}

/** Promises the one boot: fails when it was promised before. Synchronous, so that no look comes between. */
export function promiseBoot(name: string, paths: MachinePaths, startedAt: Millis): void {
  try {
    writeFileSync(paths.boot, JSON.stringify({ startedAt, readyAt: null }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new EngineError(`${name} cannot be started: it ran before`, { cause: error });
    }
    throw error;
  }
}

export async function recordReady(paths: MachinePaths, boot: Boot): Promise<void> {
  await writeFile(`${paths.boot}.next`, JSON.stringify(boot), { mode: 0o600 });
  await rename(`${paths.boot}.next`, paths.boot);
}

/** Null: it was never started. */
export function readBoot(paths: MachinePaths): Boot | null {
  const text = readSmallFile(paths.boot, MAX_BYTES);
  if (text === null) return null;
  const { success, data } = booted.safeParse(parseJson(text));
  // A power cut may leave the file empty; that it is there is what counts.
  return success ? data : { startedAt: 0, readyAt: null };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
