import { GithubError } from '../../core/errors.ts';
import type { Millis } from '../../core/model.ts';
import type { Clock } from '../../core/ports.ts';

/** How a failed read is repeated. Writes never are, because they could take effect twice. */
export interface RetryPolicy {
  readonly tries: number;
  /** Mean wait before the second try; doubles each time. */
  readonly delay: Millis;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether another try would not help. */
  readonly giveUp?: ((error: GithubError) => boolean) | undefined;
}

/** Tries until an answer, another failure than `unreachable`, the last try, or the signal. */
export async function withRetry<T>(
  work: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GithubError) || error.code !== 'unreachable') throw error;
      if (tried >= policy.tries || signal.aborted || policy.giveUp?.(error) === true) throw error;
      const jitter = 0.5 + policy.random();
      await policy.clock.sleep(policy.delay * 2 ** (tried - 1) * jitter, signal);
    }
  }
}
