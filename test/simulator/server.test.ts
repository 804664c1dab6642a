import { expect, it } from 'vitest';

import { buildSimulator, type InProcessRequest } from '../../src/simulator/server.ts';

const asked: InProcessRequest = {
  method: 'GET',
  url: 'http://github.test/repos/o/r/actions/runs?per_page=1',
  headers: { authorization: 'token fake-token', 'user-agent': 'test' },
};

it('answers within the process as it does over a socket', async () => {
  await using github = buildSimulator();
  const { url } = await github.listen();
  github.createJob({ labels: ['a'] });
  github.createJob({ labels: ['a'] });
  const here = await github.inject({ ...asked, url: asked.url.replace('http://github.test', url) });
  const there = await fetch(asked.url.replace('http://github.test', url), { headers: asked.headers });
  expect(here.body.toString()).toBe(await there.text());
  expect(here.status).toBe(200);
  for (const name of ['etag', 'link', 'x-ratelimit-limit'])
    expect(here.headers[name]).toBe(there.headers.get(name));
  const again = await github.inject({
    ...asked,
    url: asked.url.replace('http://github.test', url),
    headers: { ...asked.headers, 'if-none-match': here.headers['etag'] ?? '' },
  });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

it('names the origin that was asked within the process', async () => {
  await using github = buildSimulator();
  github.createJob({ labels: ['a'] });
  github.createJob({ labels: ['a'] });
  const { headers } = await github.inject(asked);
  expect(headers['link']).toContain('<http://github.test/repositories/');
});

const registering: InProcessRequest = {
  ...asked,
  method: 'POST',
  url: 'http://github.test/repos/o/r/actions/runners/generate-jitconfig',
  headers: { ...asked.headers, 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'x', runner_group_id: 1, labels: ['a'] }),
};

it.each([asked, registering])('cuts off and hangs a $method within the process', async (request) => {
  await using github = buildSimulator();
  github.addFaults([
    { reset: true, count: 1 },
    { hang: true, count: 1 },
  ]);
  await expect(github.inject(request)).rejects.toThrow('destroyed');
  const given = new AbortController();
  const hanging = github.inject({ ...request, signal: given.signal });
  setTimeout(() => given.abort(), 20);
  await expect(hanging).rejects.toThrow('abort');
  expect((await github.inject(request)).status).toBeLessThan(300);
});
