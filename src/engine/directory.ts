import { readdirSync } from 'node:fs';

import { hasCode } from '../core/errors.ts';

/** The names in a directory; none when there is no such directory. Throws when it cannot be read. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
