import { request } from 'node:http';
import { expect, it } from 'vitest';

import { list, openSimulator } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const RUNNERS = '/repos/o/r/actions/runners';
const tokens = [
  { token: 'all', login: 'octo' },
  { token: 'again', login: 'octo' },
  { token: 'reader', login: 'reader', permissions: { actions: 'read', administration: 'read' } },
  { token: 'nothing', login: 'nothing', permissions: {} },
  { token: 'elsewhere', login: 'else', repos: ['o/other'] },
] as const;

it('answers 401 without a token and with a wrong one', async () => {
  await using simulator = await openSimulator();
  const wrong = await simulator.ask('GET', RUNS, { token: 'nope' });
  expect([wrong.status, wrong.body['message']]).toEqual([401, 'Bad credentials']);
  const none = await fetch(`${simulator.url}${RUNS}`, { headers: { 'user-agent': 'test' } });
  expect(none.status).toBe(401);
});

it('answers 403 without a user agent', async () => {
  await using simulator = await openSimulator();
  const status = await new Promise((resolve, reject) => {
    const outgoing = request(
      `${simulator.url}${RUNS}`,
      { headers: { authorization: 'token fake-token' } },
      (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
  expect(status).toBe(403);
  expect(simulator.github.report().violations.map((each) => each.kind)).toEqual(['no-user-agent']);
});

it('names the permission a token lacks', async () => {
  await using simulator = await openSimulator({ tokens });
  const write = await simulator.ask('POST', `${RUNNERS}/registration-token`, { token: 'reader' });
  expect([write.status, write.headers.get('x-accepted-github-permissions')]).toEqual([
    403,
    'administration=write',
  ]);
  const read = await simulator.ask('GET', RUNS, { token: 'nothing' });
  expect([read.status, read.headers.get('x-accepted-github-permissions')]).toEqual([403, 'actions=read']);
  expect((await simulator.ask('GET', RUNNERS, { token: 'reader' })).status).toBe(200);
  expect((await simulator.ask('GET', '/repos/o/r', { token: 'nothing' })).status).toBe(200);
});

it('answers 404, not 403, for a repository the token does not see', async () => {
  await using simulator = await openSimulator({ tokens });
  expect((await simulator.ask('GET', RUNS, { token: 'elsewhere' })).status).toBe(404);
  expect((await simulator.ask('GET', '/repos/o/none/actions/runs', { token: 'all' })).status).toBe(404);
});

it('puts the usual headers on every answer, errors too', async () => {
  await using simulator = await openSimulator();
  const missing = await simulator.get(`${RUNS}/1`);
  const present = await simulator.get(RUNS);
  for (const { headers } of [missing, present]) {
    for (const name of ['limit', 'remaining', 'used', 'reset'])
      expect(headers.get(`x-ratelimit-${name}`)).toMatch(/^\d+$/u);
    expect(headers.get('x-ratelimit-resource')).toBe('core');
    expect(headers.get('x-github-request-id')).toMatch(/^[0-9A-F]{20}$/u);
    expect(headers.get('x-github-media-type')).toContain('github.v3');
    expect(headers.get('cache-control')).toBe('private, max-age=60, s-maxage=60');
  }
  expect(present.headers.get('etag')).toMatch(/^W\/"[0-9a-f]{64}"$/u);
});

it('binds ETags to the token, and 304s are empty and free but count as points', async () => {
  await using simulator = await openSimulator({ tokens });
  const first = await simulator.ask('GET', RUNS, { token: 'all' });
  const other = await simulator.ask('GET', RUNS, { token: 'again' });
  const etag = String(first.headers.get('etag'));
  expect(other.text).toBe(first.text);
  expect(other.headers.get('etag')).not.toBe(etag);

  const same = await simulator.ask('GET', RUNS, { token: 'all', headers: { 'if-none-match': etag } });
  expect([same.status, same.text]).toEqual([304, '']);
  expect(same.headers.get('x-ratelimit-used')).toBe(other.headers.get('x-ratelimit-used'));
  const renewed = await simulator.ask('GET', RUNS, { token: 'again', headers: { 'if-none-match': etag } });
  expect(renewed.status).toBe(200);
  const unquoted = await simulator.ask('GET', RUNS, {
    token: 'all',
    headers: { 'if-none-match': etag.replaceAll('"', '') },
  });
  expect(unquoted.status).toBe(200);
  simulator.github.createJob({ labels: ['x'] });
  const changed = await simulator.ask('GET', RUNS, { token: 'all', headers: { 'if-none-match': etag } });
  expect(changed.status).toBe(200);
  const noted = simulator.github.report().requests.find((entry) => entry.status === 304);
  expect([noted?.conditional, noted?.points, noted?.login]).toEqual([true, 1, 'octo']);
});

it('pages by 30, at most 100, with numeric links that work, and none for a single page', async () => {
  await using simulator = await openSimulator();
  for (let index = 0; index < 120; index += 1) simulator.github.createJob({ labels: ['x'] });
  const first = await simulator.get(RUNS);
  expect(list(first, 'workflow_runs')).toHaveLength(30);
  expect(first.body['total_count']).toBe(120);
  expect(list(await simulator.get(`${RUNS}?per_page=500`), 'workflow_runs')).toHaveLength(100);
  const next = /<([^>]+)>; rel="next"/u.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  expect(next).toMatch(/\/repositories\/\d+\/actions\/runs\?page=2$/u);
  const second = await simulator.get(next.slice(simulator.url.length));
  expect(second.headers.get('link')).toMatch(/rel="prev".*rel="next".*rel="last".*rel="first"/u);
  expect(list(second, 'workflow_runs')[0]?.['id']).toBeLessThan(
    Number(list(first, 'workflow_runs')[29]?.['id']),
  );
  expect((await simulator.get(RUNNERS)).headers.get('link')).toBeNull();
});

it('keeps its prefix in links', async () => {
  await using simulator = await openSimulator();
  for (let index = 0; index < 3; index += 1) simulator.github.createJob({ labels: ['x'] });
  const answer = await simulator.get(`/api/v3${RUNS}?per_page=2`);
  expect(answer.headers.get('link')).toContain(`<${simulator.url}/api/v3/repositories/`);
});

it('lets pages shift between two reads', async () => {
  await using simulator = await openSimulator({ switches: { pageShift: 1 } });
  for (let index = 0; index < 4; index += 1) simulator.github.createJob({ labels: ['x'] });
  const ids = async (page: number): Promise<unknown[]> =>
    list(await simulator.get(`${RUNS}?per_page=2&page=${page}`), 'workflow_runs').map((run) => run['id']);
  const [first, second] = [await ids(1), await ids(2)];
  expect(second[0]).toBe(first[1]);
});

it.each([
  ['an unknown path', 'GET', '/repos/o/r/actions/nonsense', undefined, 404, 'unknown-path'],
  ['an unknown method', 'PATCH', RUNS, undefined, 404, 'unknown-path'],
  ['an id that is no number', 'GET', `${RUNS}/abc`, undefined, 404, 'unknown-path'],
  ['a trailing slash', 'GET', `${RUNS}/`, undefined, 404, 'unknown-path'],
  ['an unknown query parameter', 'GET', `${RUNS}?state=queued`, undefined, 422, 'unknown-query'],
  ['a value outside the enum', 'GET', `${RUNS}?status=running`, undefined, 422, 'invalid-query'],
  ['two statuses', 'GET', `${RUNS}?status=queued,waiting`, undefined, 422, 'invalid-query'],
  [
    'a missing body field',
    'POST',
    `${RUNNERS}/generate-jitconfig`,
    { name: 'x', labels: ['a'] },
    422,
    'invalid-body',
  ],
  [
    'an unknown body field',
    'POST',
    `${RUNNERS}/generate-jitconfig`,
    { name: 'x', labels: ['a'], runner_group_id: 1, workFolder: '_' },
    422,
    'invalid-body',
  ],
  ['a body that is no JSON', 'POST', `${RUNNERS}/generate-jitconfig`, '{"name":', 400, 'invalid-body'],
])('records %s as a violation', async (_what, method, path, body, status, kind) => {
  await using simulator = await openSimulator();
  const answer = await simulator.ask(method, path, body === undefined ? {} : { body });
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ status: String(status), documentation_url: expect.any(String) });
  expect(simulator.github.report().violations.map((each) => each.kind)).toEqual([kind]);
});

it('refuses an API version it does not know, and drops the old rate object in the new one', async () => {
  // The description at hand is of the old version.
  await using simulator = await openSimulator({ onAnswer: () => {} });
  const version = (value: string) => simulator.get('/rate_limit', { 'x-github-api-version': value });
  expect((await version('2020-01-01')).status).toBe(400);
  expect((await version('2022-11-28')).body).toHaveProperty('rate');
  expect((await version('2026-03-10')).body).not.toHaveProperty('rate');
});

it('does not mind the case of owner and repository', async () => {
  await using simulator = await openSimulator();
  expect((await simulator.get('/repos/O/R/actions/runs')).status).toBe(200);
});

it('redirects from the old name of a repository', async () => {
  await using simulator = await openSimulator();
  simulator.github.renameRepo('o/r', 'o/new');
  const moved = await simulator.get(`${RUNS}?per_page=2`);
  expect(moved.status).toBe(301);
  const target = String(moved.headers.get('location'));
  expect(target).toMatch(/\/repositories\/\d+\/actions\/runs\?per_page=2$/u);
  expect((await simulator.get(target.slice(simulator.url.length))).status).toBe(200);
});
