import { setMaxListeners } from 'node:events';

import type { Millis } from './core/model.ts';

/**
 * The promise's outcome, or a rejection with the signal's reason as soon as that fires. The work itself is not
 * stopped.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, reject);
    promise.then(resolve, reject).finally(forget);
  });
}

/**
 * Runs `work` under a signal that fires with the caller's, or with a `DeadlineError` after `ms`. Not
 * `AbortSignal.any`: that keeps a trace of each call on a caller's signal that may live for months.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: Millis,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const timer = setTimeout(() => inner.abort(new DeadlineError(ms)), ms);
  const forget = whenAborted(signal, (reason) => inner.abort(reason));
  try {
    return await work(inner.signal);
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** Runs `work` under a signal that fires with the first of the two. Leaves no trace on either, unlike `AbortSignal.any`. */
export async function untilEither<T>(
  one: AbortSignal,
  other: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const forget = [one, other].map((signal) => whenAborted(signal, (reason) => inner.abort(reason)));
  try {
    return await work(inner.signal);
  } finally {
    for (const each of forget) each();
  }
}

/** Calls back once, when the signal fires or at once if it has fired. Returns a function that takes that back. */
export function whenAborted(signal: AbortSignal, callback: (reason: Error) => void): () => void {
  const onAbort = (): void => callback(reasonOf(signal));
  if (signal.aborted) {
    onAbort();
    return () => undefined;
  }
  // Many requests wait on one signal at a time; each takes its listener back, so none is leaked.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** A deadline passed that we had set ourselves. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(ms: Millis) {
    super(`not over after ${ms / 1000} s`);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
