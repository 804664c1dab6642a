import { expect, it } from 'vitest';
import { openFake } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const tokens = [
  { token: 'one', login: 'octo' },
  { token: 'two', login: 'octo' },
  { token: 'other', login: 'other' },
] as const;

it('counts all tokens of a login together, and refuses at zero until the hour is over', async () => {
  await using fake = await openFake({ tokens, switches: { primaryLimit: 2 } });
  await fake.ask('GET', RUNS, { token: 'one' });
  const last = await fake.ask('GET', RUNS, { token: 'two' });
  expect([last.status, last.headers.get('x-ratelimit-remaining')]).toEqual([200, '0']);
  const refused = await fake.ask('GET', RUNS, { token: 'one' });
  expect([refused.status, refused.headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
  expect(refused.body['message']).toMatch(/^API rate limit exceeded for /u);
  expect(refused.headers.get('retry-after')).toBeNull();
  expect((await fake.ask('GET', RUNS, { token: 'other' })).status).toBe(200);
  expect((await fake.ask('GET', '/rate_limit', { token: 'one' })).status).toBe(200);
  expect(fake.github.report().violations.map((each) => each.kind)).toEqual(['request-during-limit']);
  fake.github.advance(3_600_000);
  expect((await fake.ask('GET', RUNS, { token: 'one' })).status).toBe(200);
});

it('counts one point for a read and five for a write, and limits for a minute', async () => {
  await using fake = await openFake({ switches: { pointsPerMinute: 7, limitStatus: 429 } });
  await fake.post('/repos/o/r/actions/runners/registration-token');
  expect((await fake.get(RUNS)).status).toBe(200);
  expect((await fake.get(RUNS)).status).toBe(200);
  const refused = await fake.get(RUNS);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(refused.body['message']).toContain('secondary rate limit');
  expect(refused.headers.get('x-ratelimit-remaining')).not.toBe('0');
  fake.github.advance(30_000);
  expect((await fake.get(RUNS)).status).toBe(429);
  fake.github.advance(31_000);
  expect((await fake.get(RUNS)).status).toBe(200);
});

it('counts points for 304s, too', async () => {
  await using fake = await openFake({ switches: { pointsPerMinute: 2 } });
  const etag = String((await fake.get(RUNS)).headers.get('etag'));
  expect((await fake.get(RUNS, { 'if-none-match': etag })).status).toBe(304);
  expect((await fake.get(RUNS, { 'if-none-match': etag })).status).toBe(403);
});

it('can limit without saying for how long', async () => {
  await using fake = await openFake({ switches: { pointsPerMinute: 0, retryAfter: false } });
  const refused = await fake.get(RUNS);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, null]);
});

it('limits requests at once', async () => {
  await using fake = await openFake({ switches: { concurrentRequests: 1 } });
  fake.github.addFaults([{ path: 'page=7', hang: true, count: 1 }]);
  const hanging = fake.get(`${RUNS}?page=7`).catch(() => 'cut');
  await expect.poll(() => fake.github.report().requestCount).toBe(1);
  const second = await fake.get(RUNS);
  expect(second.body['message']).toContain('secondary rate limit');
  await fake.github.close();
  expect(await hanging).toBe('cut');
});
