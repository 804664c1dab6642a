import { expect, it } from 'vitest';

import { openSimulator, type Answer, type Body, type Simulator } from '../harness.ts';

const send = (simulator: Simulator, path: string, body?: unknown): Promise<Answer> =>
  simulator.post(`/_fake${path}`, body);
const read = async (simulator: Simulator, path: string): Promise<Body> =>
  (await simulator.get(`/_fake${path}`)).body;

it('does over HTTP what the object does', async () => {
  await using simulator = await openSimulator();
  const run = await send(simulator, '/runs', {
    jobs: [
      { name: 'a', labels: ['x'], environment: 'prod' },
      { name: 'b', labels: ['x'] },
    ],
  });
  expect(run.status).toBe(201);
  const { runId, jobIds } = run.body as { runId: number; jobIds: [number, number] };
  const job = await send(simulator, '/jobs', { id: 77, labels: ['self-hosted', 'x'], script: 'true' });
  expect(job.body['jobId']).toBe(77);
  const statuses = async (): Promise<unknown[]> =>
    ((await read(simulator, '/state'))['jobs'] as Body[]).map((each) => each['conclusion'] ?? each['status']);
  expect(await statuses()).toEqual(['waiting', 'queued', 'queued']);
  for (const [path, body] of [
    [`/runs/${runId}/approve`],
    ['/jobs/77/cancel'],
    [`/jobs/${jobIds[0]}/start`, { runnerName: 'hosted' }],
    [`/jobs/${jobIds[1]}/complete`, { conclusion: 'failure' }],
  ] as const) {
    expect((await send(simulator, path, body)).status).toBe(204);
  }
  expect(await statuses()).toEqual(['in_progress', 'failure', 'cancelled']);
  await send(simulator, `/runs/${runId}/cancel`, { force: true });
  await send(simulator, `/runs/${runId}/rerun`, { scope: 'failed' });
  expect(await statuses()).toEqual(['cancelled', 'failure', 'cancelled', 'waiting', 'queued']);
});

it('moves time, switches, limits, tokens, faults and names', async () => {
  await using simulator = await openSimulator();
  const before = Number((await read(simulator, '/state'))['now']);
  expect((await send(simulator, '/clock', { advanceMs: 3_600_000 })).status).toBe(204);
  expect(Number((await read(simulator, '/state'))['now']) - before).toBeGreaterThanOrEqual(3_600_000);
  expect((await send(simulator, '/switches', { unassigned: 'null' })).status).toBe(204);
  expect(simulator.github.world.switches.unassigned).toBe('null');
  await send(simulator, '/tokens', { token: 'more', login: 'more', permissions: { actions: 'read' } });
  const runs = (): Promise<Answer> => simulator.ask('GET', '/repos/o/r/actions/runs', { token: 'more' });
  expect((await runs()).status).toBe(200);
  await send(simulator, '/limit', { kind: 'secondary', seconds: 5, login: 'more' });
  expect((await runs()).status).toBe(403);
  await send(simulator, '/tokens/revoke', { token: 'more' });
  expect((await runs()).status).toBe(401);
  await send(simulator, '/faults', [{ status: 500 }]);
  expect((await simulator.get('/repos/o/r')).status).toBe(500);
  expect((await simulator.del('/_fake/faults')).status).toBe(204);
  await send(simulator, '/repos/rename', { from: 'o/r', to: 'o/new' });
  expect((await simulator.get('/repos/o/new')).status).toBe(200);
});

it.each([
  ['/runs', { jobs: [] }],
  ['/runs', { jobs: [{ labels: ['x'], needs: ['nobody'] }] }],
  ['/jobs', { labels: 'x' }],
  ['/jobs', '{"labels":'],
  ['/clock', { advanceMs: -1 }],
  ['/switches', { theft: true }],
  ['/switches', { removalLagMs: 'long' }],
  ['/faults', { path: '(' }],
  ['/faults', { stauts: 500 }],
])('refuses %s %j', async (path, body) => {
  await using simulator = await openSimulator();
  expect((await send(simulator, path, body)).status).toBe(422);
});

it('answers 404 for what is not there', async () => {
  await using simulator = await openSimulator();
  expect((await send(simulator, '/jobs/1/cancel')).status).toBe(404);
  expect((await send(simulator, '/nonsense')).status).toBe(404);
  expect(simulator.github.report().violations).toEqual([]);
});

it('wakes those who wait for a state, and gives up in time', async () => {
  await using simulator = await openSimulator();
  const cancelled = simulator.github.waitFor(
    (state) => state.jobs.find((job) => job.conclusion === 'cancelled')?.id,
  );
  const { jobId } = simulator.github.createJob({ labels: ['x'] });
  simulator.github.cancelJob(jobId);
  expect(await cancelled).toBe(jobId);
  await expect(simulator.github.waitFor(() => false, { timeoutMs: 10 })).rejects.toThrow('did not reach');
  await expect(simulator.github.waitFor(() => false, { signal: AbortSignal.abort() })).rejects.toThrow(
    'did not reach',
  );
});
