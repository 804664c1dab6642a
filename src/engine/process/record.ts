import { open, rename } from 'node:fs/promises';
import { z } from 'zod';

import type { ContainerMark } from '../../core/observation.ts';
import { parseJson } from '../../core/text.ts';
import type { Instant } from '../../core/time/instant.ts';
import { readSmallFile } from '../small-file.ts';
import { storedInstant } from '../stored-instant.ts';

const MAX_BYTES = 16_384;

const record = z.strictObject({
  version: z.literal(1),
  /** Our mark, in the form that containers carry it in too. */
  RUNNER_CONTROLLER_ID: z.string(),
  mark: z.strictObject({
    className: z.string(),
    scope: z.string(),
    runnerName: z.string().nullable(),
    subnet: z.number(),
    forJob: z.number(),
    forAttempt: z.number(),
  }),
  /** Set before the process exists: from here on it may. */
  startedAt: storedInstant.nullable(),
  /** The leader of its session, once known. */
  process: z.strictObject({ pid: z.number(), ticks: z.number(), bootId: z.string() }).nullable(),
});

/** `process.json` of an instance of the process engine: whose it is and which process. */
export interface ProcessRecord {
  readonly controllerId: string;
  readonly mark: ContainerMark;
  readonly startedAt: Instant | null;
  readonly process: { readonly pid: number; readonly ticks: number; readonly bootId: string } | null;
}

/** Null: there is none, or none that can be believed (a job of the same user can write there). */
export function readRecord(path: string): ProcessRecord | null {
  const { success, data } = record.safeParse(parseJson(readSmallFile(path, MAX_BYTES) ?? ''));
  if (!success) return null;
  const { RUNNER_CONTROLLER_ID: controllerId, mark, startedAt, process } = data;
  return { controllerId, mark, startedAt, process };
}

/**
 * Replaces it whole. Not synced: it must outlive the controller, and after a power cut there is no process left that
 * it could speak of, while the ledger still promises the directory.
 */
export async function writeRecord(path: string, content: ProcessRecord): Promise<void> {
  const aside = `${path}.next`;
  {
    await using file = await open(aside, 'w', 0o600);
    const { controllerId, ...rest } = content;
    await file.writeFile(JSON.stringify({ version: 1, RUNNER_CONTROLLER_ID: controllerId, ...rest }));
  }
  await rename(aside, path);
}
