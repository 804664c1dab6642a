import { expect, it } from 'vitest';
import { openFake, type Answer, type Body, type Fake } from '../harness.ts';

const send = (fake: Fake, path: string, body?: unknown): Promise<Answer> => fake.post(`/_fake${path}`, body);
const read = async (fake: Fake, path: string): Promise<Body> => (await fake.get(`/_fake${path}`)).body;

it('does over HTTP what the object does', async () => {
  await using fake = await openFake();
  const run = await send(fake, '/runs', {
    jobs: [
      { name: 'a', labels: ['x'], environment: 'prod' },
      { name: 'b', labels: ['x'] },
    ],
  });
  expect(run.status).toBe(201);
  const { runId, jobIds } = run.body as { runId: number; jobIds: [number, number] };
  const job = await send(fake, '/jobs', { id: 77, labels: ['self-hosted', 'x'], script: 'true' });
  expect(job.body['jobId']).toBe(77);
  const statuses = async (): Promise<unknown[]> =>
    ((await read(fake, '/state'))['jobs'] as Body[]).map((each) => each['conclusion'] ?? each['status']);
  expect(await statuses()).toEqual(['waiting', 'queued', 'queued']);
  for (const [path, body] of [
    [`/runs/${runId}/approve`],
    ['/jobs/77/cancel'],
    [`/jobs/${jobIds[0]}/start`, { runnerName: 'hosted' }],
    [`/jobs/${jobIds[1]}/complete`, { conclusion: 'failure' }],
  ] as const) {
    expect((await send(fake, path, body)).status).toBe(204);
  }
  expect(await statuses()).toEqual(['in_progress', 'failure', 'cancelled']);
  await send(fake, `/runs/${runId}/cancel`, { force: true });
  await send(fake, `/runs/${runId}/rerun`, { scope: 'failed' });
  expect(await statuses()).toEqual(['cancelled', 'failure', 'cancelled', 'waiting', 'queued']);
});

it('moves time, switches, limits, tokens, faults and names', async () => {
  await using fake = await openFake();
  const before = Number((await read(fake, '/state'))['now']);
  expect((await send(fake, '/clock', { advanceMs: 3_600_000 })).status).toBe(204);
  expect(Number((await read(fake, '/state'))['now']) - before).toBeGreaterThanOrEqual(3_600_000);
  expect((await send(fake, '/switches', { unassigned: 'null' })).status).toBe(204);
  expect(fake.github.world.switches.unassigned).toBe('null');
  await send(fake, '/tokens', { token: 'more', login: 'more', permissions: { actions: 'read' } });
  const runs = (): Promise<Answer> => fake.ask('GET', '/repos/o/r/actions/runs', { token: 'more' });
  expect((await runs()).status).toBe(200);
  await send(fake, '/limit', { kind: 'secondary', seconds: 5, login: 'more' });
  expect((await runs()).status).toBe(403);
  await send(fake, '/tokens/revoke', { token: 'more' });
  expect((await runs()).status).toBe(401);
  await send(fake, '/faults', [{ status: 500 }]);
  expect((await fake.get('/repos/o/r')).status).toBe(500);
  expect((await fake.del('/_fake/faults')).status).toBe(204);
  await send(fake, '/repos/rename', { from: 'o/r', to: 'o/new' });
  expect((await fake.get('/repos/o/new')).status).toBe(200);
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
  await using fake = await openFake();
  expect((await send(fake, path, body)).status).toBe(422);
});

it('answers 404 for what is not there', async () => {
  await using fake = await openFake();
  expect((await send(fake, '/jobs/1/cancel')).status).toBe(404);
  expect((await send(fake, '/nonsense')).status).toBe(404);
  expect(fake.github.report().violations).toEqual([]);
});

it('wakes those who wait for a state, and gives up in time', async () => {
  await using fake = await openFake();
  const cancelled = fake.github.waitFor(
    (state) => state.jobs.find((job) => job.conclusion === 'cancelled')?.id,
  );
  const { jobId } = fake.github.createJob({ labels: ['x'] });
  fake.github.cancelJob(jobId);
  expect(await cancelled).toBe(jobId);
  await expect(fake.github.waitFor(() => false, { timeoutMs: 10 })).rejects.toThrow('did not reach');
  await expect(fake.github.waitFor(() => false, { signal: AbortSignal.abort() })).rejects.toThrow(
    'did not reach',
  );
});
