import { setTimeout as sleep } from 'node:timers/promises';

/** How often a state is looked at that cannot tell of its change itself. */
const LOOK_EVERY = 25;
/** A state that was not reached by then will not be; generous, because CI machines are slow and shared. */
export const PATIENCE = 120_000;
/** For suites whose tests wait several times. */
export const SLOW = { timeout: 600_000 };

/**
 * Resolves with the first answer of `look` that is neither undefined nor false; an error counts as "not yet".
 * Rejects after `patience` milliseconds with `what`, and with what `look` said last.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = PATIENCE,
): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    let last: unknown = 'it is not so';
    try {
      const answer = await look();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (Date.now() >= end) throw new Error(`waited ${patience} ms for ${what}: ${String(last)}`);
    await sleep(LOOK_EVERY);
  }
}
