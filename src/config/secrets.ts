import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

import { Secret } from '../core/secret.ts';
import { whyUnreadable } from './file.ts';

/** The token file has never held a usable token. The message names the file and says what to do. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
  readonly code = 'token-file';
}

export interface TokenReading {
  readonly token: Secret;
  /** Grows by one with each different token; GitHub's ETags are bound to the token, so caches are keyed by it. */
  readonly generation: number;
  /** Why the last good token is used instead of the file's present content; null when the content is used. */
  readonly problem: string | null;
}

/**
 * Reads the token again at each call, so that its rotation needs no restart. Reading one line costs little more than
 * asking whether the file changed, and misses no change that comes within one tick of the file system's clock.
 */
export class TokenFile {
  readonly path: string;
  #last: { readonly token: Secret; readonly generation: number } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Throws `TokenFileError` only while there has never been a usable token. */
  read(): TokenReading {
    const file = readSecretFile(this.path, 'token');
    if ('fault' in file) {
      const problem = `the token file ${this.path} cannot be used: ${file.fault}`;
      if (this.#last === undefined) throw new TokenFileError(`${problem}; write a GitHub token into it`);
      return { ...this.#last, problem: `${problem}; going on with the token read before` };
    }
    if (this.#last?.token.reveal() !== file.content) {
      this.#last = { token: new Secret(file.content), generation: (this.#last?.generation ?? 0) + 1 };
    }
    return { ...this.#last, problem: null };
  }
}

const LARGEST = 65_536;

/** A credential file's content or its fault; a fault never quotes content. `mode` is null when nothing was opened. */
export type SecretFile =
  | { readonly content: string; readonly mode: number }
  | { readonly fault: string; readonly mode: number | null };

/** A token is one line of printable ASCII without spaces, surrounding white space aside; a key is any text. */
export function readSecretFile(path: string, form: 'token' | 'key'): SecretFile {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK the controller would hang if the path were a FIFO.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(file);
    const mode = found.mode & 0o777;
    if (!found.isFile()) return { fault: 'it is not a regular file', mode };
    if (found.size > LARGEST) return { fault: `it is larger than ${LARGEST} bytes`, mode };
    const content = readFileSync(file, 'utf8').trim();
    const fault = faultOf(content, form);
    return fault === null ? { content, mode } : { fault, mode };
  } catch (error) {
    return { fault: whyUnreadable(error), mode: null };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function faultOf(content: string, form: 'token' | 'key'): string | null {
  if (content === '') return 'it is empty';
  if (form === 'key') return null;
  if (/[\r\n]/.test(content)) return 'it has more than one line';
  return /^[!-~]+$/.test(content) ? null : 'it holds characters that no token has';
}
