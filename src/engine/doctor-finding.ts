import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { messageOf } from '../core/errors.ts';
import type { Finding } from '../core/ports.ts';

export function ok(check: string, detail: string): Finding {
  return { check, level: 'ok', detail };
}

export function warn(check: string, detail: string): Finding {
  return { check, level: 'warn', detail };
}

export function fail(check: string, detail: string): Finding {
  return { check, level: 'fail', detail };
}

/** One line for all programs that an engine calls. */
export function checkPrograms(programs: readonly string[]): Finding {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length === 0) return ok('programs', programs.join(', '));
  return fail(
    'programs',
    `not on PATH: ${missing.join(', ')}; install them, or add them to the PATH of the service`,
  );
}

/** What a check throws is its finding: one that cannot be made says why, and the others are made. */
export async function checked(check: string, find: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    return fail(check, `cannot be checked: ${messageOf(error)}`);
  }
}

export function bytes(count: number): string {
  return count >= 2 ** 30 ? `${(count / 2 ** 30).toFixed(1)} GiB` : `${Math.round(count / 2 ** 20)} MiB`;
}

function onPath(program: string): boolean {
  const candidates = program.includes('/')
    ? [program]
    : (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, program));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
