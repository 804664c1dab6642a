import type { World } from './world.ts';

export type WaitOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

/**
 * Resolves with the first answer of `look` that is neither undefined nor false, asked now and after every change.
 * Resolves with undefined when `timeoutMs` (real, default 10,000) pass or `signal` is aborted.
 */
export function waitForChange<T>(
  world: World,
  look: () => T | undefined | false,
  options: WaitOptions = {},
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (answer: T | undefined): void => {
      clearTimeout(timer);
      world.changes.off('changed', again);
      options.signal?.removeEventListener('abort', abort);
      resolve(answer);
    };
    const abort = (): void => end(undefined);
    const again = (): void => {
      try {
        const answer = look();
        if (answer !== undefined && answer !== false) end(answer);
      } catch (error) {
        end(undefined);
        reject(error);
      }
    };
    const timer = setTimeout(abort, options.timeoutMs ?? 10_000);
    world.changes.on('changed', again);
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted === true) abort();
    else again();
  });
}
