import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { whyUnreadable } from './file.ts';

const LARGEST = 65_536;

/** A credential file's content or its fault; a fault never quotes content. `mode` is null when nothing was opened. */
export type SecretFile =
  | { readonly content: string; readonly mode: number }
  | { readonly fault: string; readonly mode: number | null };

/** A token is one line of printable ASCII without spaces, surrounding white space aside; a key is any text. */
export function readSecretFile(path: string, form: 'token' | 'key'): SecretFile {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK a FIFO in the file's place would hang the controller.
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
