import { expect, it } from 'vitest';

import { openSimulator } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const tokens = [
  { token: 'one', login: 'octo' },
  { token: 'two', login: 'octo' },
  { token: 'other', login: 'other' },
] as const;

it('counts all tokens of a login together, and refuses at zero until the hour is over', async () => {
  await using simulator = await openSimulator({ tokens, switches: { primaryLimit: 2 } });
  await simulator.ask('GET', RUNS, { token: 'one' });
  const last = await simulator.ask('GET', RUNS, { token: 'two' });
  expect([last.status, last.headers.get('x-ratelimit-remaining')]).toEqual([200, '0']);
  const refused = await simulator.ask('GET', RUNS, { token: 'one' });
  expect([refused.status, refused.headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
  expect(refused.body['message']).toMatch(/^API rate limit exceeded for /u);
  expect(refused.headers.get('retry-after')).toBeNull();
  expect((await simulator.ask('GET', RUNS, { token: 'other' })).status).toBe(200);
  expect((await simulator.ask('GET', '/rate_limit', { token: 'one' })).status).toBe(200);
  expect(simulator.github.report().violations.map((each) => each.kind)).toEqual(['request-during-limit']);
  simulator.github.advance(3_600_000);
  expect((await simulator.ask('GET', RUNS, { token: 'one' })).status).toBe(200);
});

it('counts one point for a read and five for a write, and limits for a minute', async () => {
  await using simulator = await openSimulator({ switches: { pointsPerMinute: 7, limitStatus: 429 } });
  await simulator.post('/repos/o/r/actions/runners/registration-token');
  expect((await simulator.get(RUNS)).status).toBe(200);
  expect((await simulator.get(RUNS)).status).toBe(200);
  const refused = await simulator.get(RUNS);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(refused.body['message']).toContain('secondary rate limit');
  expect(refused.headers.get('x-ratelimit-remaining')).not.toBe('0');
  simulator.github.advance(30_000);
  expect((await simulator.get(RUNS)).status).toBe(429);
  simulator.github.advance(31_000);
  expect((await simulator.get(RUNS)).status).toBe(200);
});

it('counts points for 304s, too', async () => {
  await using simulator = await openSimulator({ switches: { pointsPerMinute: 2 } });
  const etag = String((await simulator.get(RUNS)).headers.get('etag'));
  expect((await simulator.get(RUNS, { 'if-none-match': etag })).status).toBe(304);
  expect((await simulator.get(RUNS, { 'if-none-match': etag })).status).toBe(403);
});

it('can limit without saying for how long', async () => {
  await using simulator = await openSimulator({ switches: { pointsPerMinute: 0, retryAfter: false } });
  const refused = await simulator.get(RUNS);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, null]);
});

it('limits requests at once', async () => {
  await using simulator = await openSimulator({ switches: { concurrentRequests: 1 } });
  simulator.github.addFaults([{ path: 'page=7', hang: true, count: 1 }]);
  const hanging = simulator.get(`${RUNS}?page=7`).catch(() => 'cut');
  await expect.poll(() => simulator.github.report().requestCount).toBe(1);
  const second = await simulator.get(RUNS);
  expect(second.body['message']).toContain('secondary rate limit');
  await simulator.github.close();
  expect(await hanging).toBe('cut');
});
