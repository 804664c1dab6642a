import { expect, it } from 'vitest';

import { EngineError, GithubError } from '../../src/core/errors.ts';

it('a GitHub error says what to do about it, when, and what was behind it', () => {
  const cause = new Error('socket');
  const is = new GithubError('rate-limited', 'GET /rate_limit: 403', { cause, retryAt: 5 });
  expect([is.name, is.code, is.message, is.retryAt, is.cause]).toEqual([
    'GithubError',
    'rate-limited',
    'GET /rate_limit: 403',
    5,
    cause,
  ]);
  expect(new GithubError('not-found', 'x').retryAt).toBeNull();
});

it('an engine error is told by its name and its code', () => {
  const cause = new Error('behind it');
  const error = new EngineError('absent', 'j1: no such unit', { cause });
  expect(String(error)).toBe('EngineError: j1: no such unit');
  expect([error.code, error.cause]).toEqual(['absent', cause]);
});
