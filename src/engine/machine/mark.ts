import { writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

import { EngineError, hasCode } from '../../core/errors.ts';
import type { ContainerMark } from '../../core/observation.ts';
import { parseJson } from '../../core/text.ts';
import type { Instant } from '../../core/time/instant.ts';
import { readSmallFile } from '../small-file.ts';
import { storedInstant } from '../stored-instant.ts';
import type { MachinePaths } from './paths.ts';

const MAX_BYTES = 16_384;

const marked = z.object({
  version: z.literal(1),
  RUNNER_CONTROLLER_ID: z.string(),
  mark: z.object({
    className: z.string(),
    scope: z.string(),
    /** Marks of version 0.1.0 hold it; since then it is written at the boot, once. */
    runnerName: z.string().nullable().default(null),
    subnet: z.number().int().min(0).max(255),
    forJob: z.number(),
    forAttempt: z.number(),
  }),
});

const booted = z.object({
  runnerName: z.string().nullable().default(null),
  startedAt: storedInstant,
  readyAt: storedInstant.nullable(),
});

/** `mark.json` of a container: whose it is and why it exists. */
export interface Marked {
  readonly controllerId: string;
  readonly mark: ContainerMark;
}

/**
 * The one boot of a container: which runner it got, and when it was started and got ready, by our clock. Null: not known,
 * because a power cut left the file empty or an older version wrote it; `readyAt` also: not yet.
 */
export interface Boot {
  readonly runnerName: string | null;
  readonly startedAt: Instant | null;
  readonly readyAt: Instant | null;
}

/** The text that marks a container as ours. */
export function markText(of: Omit<ContainerMark, 'runnerName'>, controllerId: string): string {
  const { className, scope, subnet, forJob, forAttempt } = of;
  const mark = { className, scope, subnet, forJob, forAttempt };
  return JSON.stringify({ version: 1, RUNNER_CONTROLLER_ID: controllerId, mark });
}

/** Null: there is none, or none that can be read. Throws when the machine is short of something. */
export function readMark(text: string | null): Marked | null {
  const { success, data } = marked.safeParse(parseJson(text ?? ''));
  return success ? { controllerId: data.RUNNER_CONTROLLER_ID, mark: data.mark } : null;
}

export function readMarkFile(paths: MachinePaths): Marked | null {
  return readMark(readSmallFile(paths.mark, MAX_BYTES));
}

/** Promises the one boot: fails when it was promised before. Synchronous, so that no observation comes between. */
export function promiseBoot(paths: MachinePaths, boot: Boot): void {
  try {
    writeFileSync(paths.boot, JSON.stringify(boot), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      throw new EngineError('exists', 'it ran before', { cause: error });
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
  return success ? data : { runnerName: null, startedAt: null, readyAt: null };
}
