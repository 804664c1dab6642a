import type { Millis } from '../../core/model.ts';
import type { RateLimit } from '../../core/observation.ts';
import { header, headerNumber, wordsOf } from '../errors.ts';
import type { Answer } from '../errors.ts';
import type { HourLeft } from './governor/hour.ts';

/**
 * Whether a refusal means that this identity is limited, where the throttling plugin did not say so: it knows the words
 * of the secondary limit and an empty primary limit, and neither `retry-after` alone nor GitHub's older words.
 */
export function isLimit(answer: Answer): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 403) return false;
  return (
    header(answer, 'retry-after') !== null ||
    /rate limit exceeded|abuse detection/i.test(wordsOf(answer.data))
  );
}

/**
 * How long GitHub asks us to send nothing; null: it does not say. The order of the rules is GitHub's: `retry-after`, then
 * the reset of an empty primary limit.
 */
export function limitWait(answer: Answer): Millis | null {
  const after = retryAfter(answer);
  if (after !== null) return after;
  const left = untilReset(answer);
  // One second is added, so that the next request comes after the reset and not within its second.
  return header(answer, 'x-ratelimit-remaining') === '0' && left !== null ? left + 1_000 : null;
}

/** What an answer tells of the primary limit; null: nothing, or it speaks of another limit than that of the REST API. */
export function rateLimitOf(answer: Answer): RateLimit | null {
  const limit = headerNumber(answer, 'x-ratelimit-limit');
  const remaining = headerNumber(answer, 'x-ratelimit-remaining');
  const reset = headerNumber(answer, 'x-ratelimit-reset');
  if (limit === null || remaining === null || reset === null) return null;
  const isOurs = (header(answer, 'x-ratelimit-resource') ?? 'core') === 'core';
  return isOurs ? { limit, remaining, resetsAt: reset * 1_000 } : null;
}

/** The same with a length of time instead of a date; null as well when the answer bears no date of its own. */
export function hourLeft(answer: Answer): HourLeft | null {
  const rate = rateLimitOf(answer);
  const left = untilReset(answer);
  return rate === null || left === null ? null : { limit: rate.limit, remaining: rate.remaining, left };
}

/** `retry-after` is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(answer: Answer): Millis | null {
  const seconds = headerNumber(answer, 'retry-after');
  if (seconds !== null) return seconds * 1_000;
  const at = Date.parse(header(answer, 'retry-after') ?? '');
  const sentAt = dateOf(answer);
  return Number.isNaN(at) || sentAt === null ? null : at - sentAt;
}

function untilReset(answer: Answer): Millis | null {
  const reset = headerNumber(answer, 'x-ratelimit-reset');
  const sentAt = dateOf(answer);
  return reset === null || sentAt === null ? null : reset * 1_000 - sentAt;
}

/** When the answer was sent, by GitHub's clock. Ours may be wrong, so GitHub's times are compared with nothing else. */
function dateOf(answer: Answer): number | null {
  const at = Date.parse(header(answer, 'date') ?? '');
  return Number.isNaN(at) ? null : at;
}
