import { describe, expect, it } from 'vitest';

import { checkRequest } from '../openapi.ts';

const RUNNERS = '/repos/o/r/actions/runners';
const jit = { name: 'x', runner_group_id: 1, labels: ['a'] };
const runner = { id: 1, name: 'x', os: 'unknown', status: 'offline', busy: false, labels: [] };

describe('the check against the official description', () => {
  it.each([
    ['a right request', { method: 'POST', path: `${RUNNERS}/generate-jitconfig`, requestBody: jit }],
    ['a right answer', { method: 'GET', path: `${RUNNERS}/1`, status: 200, responseBody: runner }],
    [
      'a described refusal',
      { method: 'DELETE', path: `${RUNNERS}/1`, status: 422, responseBody: { message: 'busy' } },
    ],
    ['an answer that is given everywhere', { method: 'GET', path: RUNNERS, status: 304 }],
    [
      'a server error',
      { method: 'GET', path: RUNNERS, status: 502, responseBody: { message: 'Server Error' } },
    ],
  ])('passes %s', (_what, answered) => {
    expect(checkRequest(answered)).toEqual([]);
  });

  it.each([
    ['an unknown path', { method: 'GET', path: '/repos/o/r/nothing' }, 'no such operation'],
    ['an unknown query', { method: 'GET', path: RUNNERS, query: { q: '1' } }, 'unknown query parameter q'],
    [
      'a bad enum',
      { method: 'GET', path: '/repos/o/r/actions/runs', query: { status: 'running' } },
      'is not one of',
    ],
    ['a bad number', { method: 'GET', path: RUNNERS, query: { per_page: 'all' } }, 'no whole number'],
    [
      'a misspelt field',
      { method: 'POST', path: `${RUNNERS}/generate-jitconfig`, requestBody: { ...jit, workFolder: 'x' } },
      'must NOT have additional properties',
    ],
    ['a missing body', { method: 'POST', path: `${RUNNERS}/generate-jitconfig` }, 'the body is missing'],
    [
      'a body where there is none',
      { method: 'DELETE', path: `${RUNNERS}/1`, requestBody: {} },
      'a body where',
    ],
    [
      'a status nobody described',
      { method: 'GET', path: RUNNERS, status: 206, responseBody: {} },
      'not described',
    ],
    [
      'an answer without a field',
      { method: 'GET', path: `${RUNNERS}/1`, status: 200, responseBody: { ...runner, busy: undefined } },
      "must have required property 'busy'",
    ],
    [
      'a 304 with a body',
      { method: 'GET', path: RUNNERS, status: 304, responseBody: {} },
      'a 304 with a body',
    ],
  ])('complains of %s', (_what, answered, words) => {
    expect(checkRequest(answered).join('\n')).toContain(words);
  });

  it('takes a job that has no conclusion yet', () => {
    const said = checkRequest({
      method: 'GET',
      path: '/repos/o/r/actions/jobs/1',
      status: 200,
      responseBody: { status: 'queued', conclusion: null },
    });
    expect(said.some((text) => text.includes('/conclusion'))).toBe(false);
  });
});
