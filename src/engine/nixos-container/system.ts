import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { EngineError, hasCode } from '../../core/errors.ts';
import { parseJson } from '../../core/text.ts';

/** The start script splits its flags at blanks, and takes them out of double quotes. */
const FLAG = /^--[a-z-]+(=[^\s"$\\]*)?$/;

const facts = z.object({
  version: z.literal(1),
  nspawnFlags: z.array(z.string()).default([]),
  runnerVersion: z.string().optional(),
});

/** What a container system says of itself to those who boot it. */
export interface SystemFacts {
  /** More flags for systemd-nspawn, one word each. */
  readonly nspawnFlags: readonly string[];
  /** Of the actions runner in it; null: it does not say. */
  readonly runnerVersion: string | null;
}

/**
 * Reads `etc/ci-runner.json` of a container system, which `nix/container` writes; a system without one needs nothing.
 * Throws `EngineError` for one that is not understood.
 */
export async function readSystemFacts(system: string): Promise<SystemFacts> {
  const path = join(system, 'etc/ci-runner.json');
  const text = await readOrNull(path);
  if (text === null) return { nspawnFlags: [], runnerVersion: null };
  const { success, data } = facts.safeParse(parseJson(text));
  if (!success)
    throw new EngineError('not-buildable', `${path} is not understood: build the container system anew`);
  const { nspawnFlags, runnerVersion = null } = data;
  const refused = nspawnFlags.find((flag) => !FLAG.test(flag));
  if (refused !== undefined) {
    throw new EngineError(
      'not-buildable',
      `${path} has the flag ${JSON.stringify(refused)}, which is no single --name=value`,
    );
  }
  return { nspawnFlags, runnerVersion };
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
