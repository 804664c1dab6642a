import type { World } from './world.ts';

export type WaitOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

/**
 * Resolves with the first answer of `probe` that is neither undefined nor false, asked now and after every change.
 * Rejects with what `probe` throws. Resolves with undefined when `timeoutMs` (real, default 60,000) pass or `signal`
 * is aborted.
 */
export function waitForChange<T>(
  world: World,
  probe: () => T | undefined | false,
  options: WaitOptions = {},
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      world.changes.off('changed', again);
      options.signal?.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      stop();
      resolve(undefined);
    };
    const again = (): void => {
      try {
        const answer = probe();
        if (answer === undefined || answer === false) return;
        stop();
        resolve(answer);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const timer = setTimeout(giveUp, options.timeoutMs ?? 60_000);
    world.changes.on('changed', again);
    options.signal?.addEventListener('abort', giveUp);
    if (options.signal?.aborted === true) giveUp();
    else again();
  });
}
