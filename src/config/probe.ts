import { statSync } from 'node:fs';

import { whyUnreadable } from './file.ts';
import { readSecretFile } from './secrets.ts';

/** What the parser asks of the file system: existence and form, never content. Tests answer from a table. */
export interface Probe {
  /** Why the path is not a `kind` that can be read, or null when it is. */
  missing(path: string, kind: 'file' | 'directory' | 'any'): string | null;
  /** The fault of a credential file (null: none), and its permission bits when it could be opened. */
  secret(
    path: string,
    form: 'token' | 'key',
  ): { readonly fault: string | null; readonly mode: number | null };
}

/** Finds every path there and good: for a build sandbox, which has nothing of the host. */
export const offlineProbe: Probe = { missing: () => null, secret: () => ({ fault: null, mode: null }) };

export const hostProbe: Probe = {
  missing(path, kind) {
    try {
      const found = statSync(path);
      if (kind === 'file' && !found.isFile()) return 'it is not a file';
      return kind === 'directory' && !found.isDirectory() ? 'it is not a directory' : null;
    } catch (error) {
      return whyUnreadable(error);
    }
  },
  secret(path, form) {
    const read = readSecretFile(path, form);
    return 'fault' in read ? { fault: read.fault, mode: read.mode } : { fault: null, mode: read.mode };
  },
};
