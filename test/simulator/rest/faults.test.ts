import { expect, it } from 'vitest';

import { list, openSimulator } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const JIT = '/repos/o/r/actions/runners/generate-jitconfig';
const body = { name: 'x', runner_group_id: 1, labels: ['a'] };

it('spoils so many answers, and no more', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([{ method: 'GET', path: '/actions/runs', status: 502, count: 2, skip: 1 }]);
  const seen: number[] = [];
  for (let index = 0; index < 5; index += 1) seen.push((await simulator.get(RUNS)).status);
  expect(seen).toEqual([200, 502, 502, 200, 200]);
});

it('fails a write without effect, and with', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([
    { path: 'generate-jitconfig', status: 503, count: 1 },
    { path: 'generate-jitconfig', status: 500, after: true, count: 1 },
  ]);
  expect((await simulator.post(JIT, body)).status).toBe(503);
  expect(simulator.github.state().runners).toHaveLength(0);
  expect((await simulator.post(JIT, body)).status).toBe(500);
  expect(simulator.github.state().runners).toHaveLength(1);
  expect((await simulator.post(JIT, body)).status).toBe(409);
});

it('cuts the connection, before or after the effect', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([
    { path: 'generate-jitconfig', reset: true, count: 1 },
    { path: 'generate-jitconfig', reset: true, after: true, count: 1 },
  ]);
  await expect(simulator.post(JIT, body)).rejects.toThrow('fetch failed');
  expect(simulator.github.state().runners).toHaveLength(0);
  await expect(simulator.post(JIT, body)).rejects.toThrow('fetch failed');
  expect(simulator.github.state().runners).toHaveLength(1);
});

it.each([{ delayMs: 60_000 }, { hang: true }])('can be slower than its client: %o', async (fault) => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([{ path: '/actions/runners', ...fault }]);
  // On a busy machine the client may give up before it was heard, so the answer that follows asks for something else.
  const impatient = fetch(`${simulator.url}/repos/o/r/actions/runners`, {
    headers: { authorization: 'token fake-token', 'user-agent': 'test' },
    signal: AbortSignal.timeout(50),
  });
  await expect(impatient).rejects.toThrow('timeout');
  expect((await simulator.get(RUNS)).status).toBe(200);
});

it('sends broken JSON, headers and retry-after', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([
    { body: '{"total_count":', count: 1 },
    { status: 429, retryAfter: 7, headers: { 'x-ratelimit-remaining': '0' }, count: 1 },
  ]);
  const broken = await simulator.get(RUNS);
  expect([broken.status, broken.text]).toEqual([200, '{"total_count":']);
  const limited = await simulator.get(RUNS);
  expect([limited.headers.get('retry-after'), limited.headers.get('x-ratelimit-remaining')]).toEqual([
    '7',
    '0',
  ]);
});

it('fails for large pages only', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([{ path: 'per_page=100', status: 502 }]);
  expect((await simulator.get(`${RUNS}?per_page=100`)).status).toBe(502);
  expect((await simulator.get(`${RUNS}?per_page=50`)).status).toBe(200);
});

it('answers as it was a while ago', async () => {
  await using simulator = await openSimulator();
  const { runId, jobId } = simulator.github.createJob({ labels: ['x'] });
  await simulator.runner('left');
  simulator.github.advance(60_000);
  simulator.github.cancelJob(jobId);
  await simulator.runner('new');
  simulator.github.addFaults([{ method: 'GET', stale: 30 }]);
  const job = await simulator.get(`/repos/o/r/actions/jobs/${jobId}`);
  expect([job.body['status'], job.body['conclusion']]).toEqual(['queued', null]);
  expect((await simulator.get(`${RUNS}/${runId}`)).body['status']).toBe('queued');
  const runners = list(await simulator.get('/repos/o/r/actions/runners'), 'runners');
  expect(runners.map((runner) => runner['name'])).toEqual(['left']);
  simulator.github.clearFaults();
  expect((await simulator.get(`${RUNS}/${runId}`)).body['status']).toBe('completed');
});

it('puts the login under a real limit', async () => {
  await using simulator = await openSimulator();
  simulator.github.addFaults([{ limit: 'secondary', retryAfter: 20, count: 1 }]);
  const first = await simulator.get(RUNS);
  expect([first.status, first.headers.get('retry-after')]).toEqual([403, '20']);
  expect((await simulator.get(RUNS)).status).toBe(403);
  expect(simulator.github.report().violations.map((each) => each.kind)).toEqual(['request-during-limit']);
  simulator.github.advance(20_000);
  expect((await simulator.get(RUNS)).status).toBe(200);
});

it('draws the same lots for the same seed', async () => {
  const history = async (): Promise<number[]> => {
    await using simulator = await openSimulator({ seed: 7 });
    simulator.github.addFaults([{ probability: 0.3, status: 500 }]);
    const seen: number[] = [];
    for (let index = 0; index < 30; index += 1) seen.push((await simulator.get(RUNS)).status);
    return seen;
  };
  const first = await history();
  expect(new Set(first)).toEqual(new Set([200, 500]));
  expect(await history()).toEqual(first);
});
