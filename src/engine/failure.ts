import type { EngineErrorCode } from '../core/errors.ts';
import { EngineError, messageOf } from '../core/errors.ts';

/** Errors of the system that mean that it is short of something, not that something is wrong with the container. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);
/** The same in the words of the programs that we run: messages of `strerror` in the C locale. */
const FULL_WORDS = /No space left on device|Disk quota exceeded|Cannot allocate memory|Too many open files/;

/** Runs the action; what it throws becomes an `EngineError` that begins with what was tried. */
export async function attempt<T>(what: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new EngineError(codeOf(error), `${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** What a failure means to the caller. */
export function codeOf(error: unknown): EngineErrorCode {
  if (error instanceof EngineError) {
    return error.code === 'failed' && FULL_WORDS.test(error.message) ? 'host-full' : error.code;
  }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return 'failed';
  return FULL.has(error.code) ? 'host-full' : 'failed';
}
