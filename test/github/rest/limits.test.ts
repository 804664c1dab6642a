import { describe, expect, it } from 'vitest';

import type { Answer } from '../../../src/github/errors.ts';
import { hourLeft, isLimit, limitWait, rateLimitOf } from '../../../src/github/rest/limits.ts';

/** GitHub's clock need not be ours: these answers are years old. */
const DATE = 'Wed, 21 Oct 2015 07:28:00 GMT';
const RESET = String(Date.parse(DATE) / 1000 + 90);

function answer(headers: Record<string, string>, status = 403, message = ''): Answer {
  return { status, headers: { date: DATE, ...headers }, data: { message } };
}

describe('how long GitHub asks us to wait', () => {
  it.each<[string, Record<string, string>, number | null]>([
    ['in seconds', { 'retry-after': '30' }, 30_000],
    ['until a date', { 'retry-after': 'Wed, 21 Oct 2015 07:28:45 GMT' }, 45_000],
    ['until a date, but without its own', { 'retry-after': DATE, date: '' }, null],
    ['in words that mean nothing', { 'retry-after': 'soon' }, null],
    ['until the renewal, and a second', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET }, 91_000],
    [
      'as it says, and not until the renewal',
      { 'retry-after': '5', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET },
      5_000,
    ],
    [
      'not until the renewal while some are left',
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': RESET },
      null,
    ],
    [
      'unknown without a date to compare with',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET, date: '' },
      null,
    ],
  ])('%s', (_, headers, wait) => {
    expect(limitWait(answer(headers))).toBe(wait);
  });
});

describe('a refusal limits us, though the throttling plugin knows nothing of it', () => {
  it.each<[string, Answer, boolean]>([
    ['429', answer({}, 429), true],
    ['403 with retry-after', answer({ 'retry-after': '5' }), true],
    ['the primary limit in words', answer({}, 403, 'API rate limit exceeded for user ID 1.'), true],
    ['the older secondary limit', answer({}, 403, 'You have triggered an abuse detection mechanism'), true],
    ['a plain 403 does not', answer({}, 403, 'Resource not accessible by personal access token'), false],
    ['503 with retry-after does not', answer({ 'retry-after': '5' }, 503), false],
  ])('%s', (_, refusal, limits) => {
    expect(isLimit(refusal)).toBe(limits);
  });
});

describe('the primary limit', () => {
  const told = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4990', 'x-ratelimit-reset': RESET };

  it("is read with its reset compared with GitHub's own date", () => {
    expect(hourLeft(answer(told, 200))).toEqual({ limit: 5_000, remaining: 4_990, left: 90_000 });
    expect(rateLimitOf(answer(told, 200))).toEqual({
      limit: 5_000,
      remaining: 4_990,
      resetsAt: Date.parse(DATE) + 90_000,
    });
  });

  it.each<[string, Record<string, string>]>([
    ['of another resource', { ...told, 'x-ratelimit-resource': 'search' }],
    ['that is told in part', { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '1' }],
  ])('%s says nothing', (_, headers) => {
    expect([hourLeft(answer(headers, 200)), rateLimitOf(answer(headers, 200))]).toEqual([null, null]);
  });

  it('is shown, but not reckoned with, when the answer bears no date', () => {
    const undated = answer({ ...told, date: '' }, 200);
    expect(hourLeft(undated)).toBeNull();
    expect(rateLimitOf(undated)).not.toBeNull();
  });
});
