import { expect, it } from 'vitest';

import { list, openSimulator, type Body, type Simulator } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const DAY = 24 * 3_600_000;

async function jobsOf(simulator: Simulator, runId: number, query = ''): Promise<Body[]> {
  return list(await simulator.get(`${RUNS}/${runId}/jobs${query}`), 'jobs');
}

async function statusOf(simulator: Simulator, runId: number): Promise<unknown[]> {
  const { body } = await simulator.get(`${RUNS}/${runId}`);
  return [body['status'], body['conclusion']];
}

it('gives growing ids that no URL repeats', async () => {
  await using simulator = await openSimulator();
  const { runId } = simulator.github.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  const [first, second] = await jobsOf(simulator, runId);
  expect(Number(second?.['id'])).toBeGreaterThan(Number(first?.['id']));
  expect(first?.['html_url']).not.toContain(String(first?.['id']));
  expect(first?.['check_run_url']).toMatch(new RegExp(`/${String(first?.['id'])}$`, 'u'));
  expect(simulator.github.createJob({ id: 5, labels: [] }).jobId).toBe(5);
  expect(() => simulator.github.createJob({ id: 5, labels: [] })).toThrow('job id 5 has been used');
});

it('derives the run from its jobs: in_progress and waiting runs hold queued jobs', async () => {
  await using simulator = await openSimulator();
  const mixed = simulator.github.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  expect(await statusOf(simulator, mixed.runId)).toEqual(['queued', null]);
  simulator.github.startJob(mixed.jobIds[0] as number);
  expect(await statusOf(simulator, mixed.runId)).toEqual(['in_progress', null]);
  expect((await jobsOf(simulator, mixed.runId)).map((job) => job['status'])).toEqual([
    'in_progress',
    'queued',
  ]);
  const gated = simulator.github.createRun({
    jobs: [{ labels: ['a'], environment: 'prod' }, { labels: ['b'] }],
  });
  expect(await statusOf(simulator, gated.runId)).toEqual(['waiting', null]);
  const ids = async (status: string): Promise<unknown[]> =>
    list(await simulator.get(`${RUNS}?status=${status}`), 'workflow_runs').map((run) => run['id']);
  expect(await ids('waiting')).toEqual([gated.runId]);
  expect(await ids('in_progress')).toEqual([mixed.runId]);
  expect(await ids('queued')).toEqual([]);
  for (const id of mixed.jobIds)
    simulator.github.completeJob(id, id === mixed.jobIds[0] ? 'failure' : 'success');
  expect(await statusOf(simulator, mixed.runId)).toEqual(['completed', 'failure']);
  expect(await ids('failure')).toEqual([mixed.runId]);
});

it('lists newest first and gives at most 1,000 to a search', async () => {
  await using simulator = await openSimulator();
  for (let index = 0; index < 1_001; index += 1) simulator.github.createJob({ labels: [] });
  const first = list(await simulator.get(`${RUNS}?status=queued&per_page=100`), 'workflow_runs');
  expect(Number(first[0]?.['id'])).toBeGreaterThan(Number(first[1]?.['id']));
  const beyond = await simulator.get(`${RUNS}?status=queued&per_page=100&page=11`);
  expect([list(beyond, 'workflow_runs').length, beyond.body['total_count']]).toEqual([0, 1_001]);
  expect(list(await simulator.get(`${RUNS}?per_page=100&page=11`), 'workflow_runs')).toHaveLength(1);
});

it.each([
  ['zero', [0, '']],
  ['null', [null, null]],
] as const)('shows an unassigned runner as %s', async (unassigned, expected) => {
  await using simulator = await openSimulator({ switches: { unassigned } });
  const { jobId } = simulator.github.createJob({ labels: ['a'] });
  const { body } = await simulator.get(`/repos/o/r/actions/jobs/${jobId}`);
  expect([body['runner_id'], body['runner_name']]).toEqual(expected);
});

it.each([
  [false, true],
  [true, false],
])('with startedAtMoves %s, started_at stays what it was: %s', async (startedAtMoves, stays) => {
  await using simulator = await openSimulator({ switches: { startedAtMoves } });
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  const read = async (): Promise<Body> => (await simulator.get(`/repos/o/r/actions/jobs/${jobId}`)).body;
  const before = await read();
  expect(before['started_at']).toBe(before['created_at']);
  simulator.github.advance(5_000);
  const { session } = await simulator.runner('x');
  const job = await simulator.github.sessions.poll(session);
  simulator.github.sessions.start(session, job?.id ?? 0);
  const after = await read();
  expect(after['status']).toBe('in_progress');
  expect(after['started_at'] === before['started_at']).toBe(stays);
});

it('lists jobs with needs only when they are ready, and skips them after a failure', async () => {
  await using simulator = await openSimulator();
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'], needs: ['a'] },
  ];
  const good = simulator.github.createRun({ jobs });
  expect((await jobsOf(simulator, good.runId)).map((job) => job['name'])).toEqual(['a']);
  simulator.github.completeJob(good.jobIds[0] as number);
  expect((await jobsOf(simulator, good.runId)).map((job) => job['status'])).toEqual(['completed', 'queued']);
  const bad = simulator.github.createRun({ jobs });
  simulator.github.completeJob(bad.jobIds[0] as number, 'failure');
  expect((await jobsOf(simulator, bad.runId)).map((job) => job['conclusion'])).toEqual([
    'failure',
    'skipped',
  ]);
  expect(await statusOf(simulator, bad.runId)).toEqual(['completed', 'failure']);
});

it('can list jobs with needs early, as pending', async () => {
  await using simulator = await openSimulator({ switches: { needs: 'pending' } });
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'], needs: ['a'] },
  ];
  const { runId, jobIds } = simulator.github.createRun({ jobs });
  expect((await jobsOf(simulator, runId)).map((job) => job['status'])).toEqual(['queued', 'pending']);
  simulator.github.completeJob(jobIds[0] as number);
  expect((await jobsOf(simulator, runId)).map((job) => job['status'])).toEqual(['completed', 'queued']);
});

it('holds environment jobs until they are approved', async () => {
  await using simulator = await openSimulator();
  const { runId } = simulator.github.createRun({ jobs: [{ labels: ['x'], environment: 'prod' }] });
  expect((await jobsOf(simulator, runId))[0]?.['status']).toBe('waiting');
  simulator.github.approve(runId);
  expect((await jobsOf(simulator, runId))[0]?.['status']).toBe('queued');
});

it('keeps one run of a group running and one pending; a newer one cancels the pending one', async () => {
  await using simulator = await openSimulator();
  const start = (): number =>
    simulator.github.createRun({ jobs: [{ labels: ['x'] }], concurrency: 'Deploy' }).runId;
  const [first, second, third] = [start(), start(), start()];
  expect(await statusOf(simulator, first)).toEqual(['queued', null]);
  expect(await statusOf(simulator, second)).toEqual(['completed', 'cancelled']);
  expect(await statusOf(simulator, third)).toEqual(['pending', null]);
  simulator.github.cancelRun(first);
  expect(await statusOf(simulator, third)).toEqual(['queued', null]);
});

it('lets any number be pending with queue max, in order, and cancels the running one when told', async () => {
  await using simulator = await openSimulator();
  const start = (more: object): number =>
    simulator.github.createRun({ jobs: [{ labels: ['x'] }], concurrency: { group: 'g', ...more } }).runId;
  const [first, second, third] = [start({ queue: 'max' }), start({ queue: 'max' }), start({ queue: 'max' })];
  expect([await statusOf(simulator, second), await statusOf(simulator, third)]).toEqual([
    ['pending', null],
    ['pending', null],
  ]);
  simulator.github.cancelRun(first);
  expect([await statusOf(simulator, second), await statusOf(simulator, third)]).toEqual([
    ['queued', null],
    ['pending', null],
  ]);
  const newest = start({ cancelInProgress: true });
  expect(await statusOf(simulator, second)).toEqual(['completed', 'cancelled']);
  expect(await statusOf(simulator, newest)).toEqual(['queued', null]);
});

it('re-runs with the same run id, new job ids, and completed copies of what is kept', async () => {
  await using simulator = await openSimulator();
  const { runId, jobIds } = simulator.github.createRun({
    jobs: [
      { name: 'a', labels: ['x'] },
      { name: 'b', labels: ['x'] },
    ],
  });
  const [a, b] = jobIds as [number, number];
  expect((await simulator.post(`${RUNS}/${runId}/rerun`)).status).toBe(403);
  simulator.github.completeJob(a);
  simulator.github.completeJob(b, 'failure');
  const before = (await simulator.get(`${RUNS}/${runId}`)).body;
  simulator.github.advance(10_000);
  expect((await simulator.post(`${RUNS}/${runId}/rerun-failed-jobs`)).status).toBe(201);
  const after = (await simulator.get(`${RUNS}/${runId}`)).body;
  expect([after['run_attempt'], after['created_at']]).toEqual([2, before['created_at']]);
  expect(after['run_started_at']).not.toBe(before['run_started_at']);
  const jobs = await jobsOf(simulator, runId);
  expect(jobs.map((job) => [job['name'], job['status'], job['run_attempt']])).toEqual([
    ['a', 'completed', 2],
    ['b', 'queued', 2],
  ]);
  expect(jobs.some((job) => jobIds.includes(Number(job['id'])))).toBe(false);
  expect(await jobsOf(simulator, runId, '?filter=all')).toHaveLength(4);
  expect(
    list(await simulator.get(`${RUNS}/${runId}/attempts/1/jobs`), 'jobs').map((job) => job['id']),
  ).toEqual(jobIds);
  expect((await simulator.get(`${RUNS}/${runId}/attempts/3/jobs`)).status).toBe(404);
});

it('re-runs one job and what depends on it', async () => {
  await using simulator = await openSimulator();
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'] },
    { name: 'c', labels: ['x'], needs: ['a'] },
  ];
  const { runId, jobIds } = simulator.github.createRun({ jobs });
  simulator.github.cancelRun(runId);
  expect((await simulator.post(`/repos/o/r/actions/jobs/${String(jobIds[0])}/rerun`)).status).toBe(201);
  expect((await jobsOf(simulator, runId)).map((job) => [job['name'], job['status']])).toEqual([
    ['b', 'completed'],
    ['a', 'queued'],
  ]);
});

it('cancels queued jobs at once, running ones when their runner reacts, or by force', async () => {
  await using simulator = await openSimulator();
  const { runId, jobIds } = simulator.github.createRun({
    jobs: [{ labels: ['x'] }, { labels: ['self-hosted'] }],
  });
  const { session } = await simulator.runner('r1');
  const job = await simulator.github.sessions.poll(session);
  simulator.github.sessions.start(session, job?.id ?? 0);
  const asked = simulator.github.sessions.heartbeat(session, job?.id ?? 0);
  expect((await simulator.post(`${RUNS}/${runId}/cancel`)).status).toBe(202);
  expect((await jobsOf(simulator, runId)).map((each) => each['status'])).toEqual([
    'completed',
    'in_progress',
  ]);
  expect(await asked).toBe(true);
  expect((await simulator.post(`${RUNS}/${runId}/force-cancel`)).status).toBe(202);
  expect(await statusOf(simulator, runId)).toEqual(['completed', 'cancelled']);
  expect((await simulator.post(`${RUNS}/${runId}/cancel`)).status).toBe(409);
  expect(job?.id).toBe(jobIds[1]);
});

it('overrules a runner that ignores a cancellation for five minutes', async () => {
  await using simulator = await openSimulator();
  const { runId, jobIds } = simulator.github.createRun({ jobs: [{ labels: ['x'] }] });
  simulator.github.startJob(jobIds[0] as number);
  simulator.github.cancelRun(runId);
  simulator.github.advance(299_000);
  expect(await statusOf(simulator, runId)).toEqual(['in_progress', null]);
  simulator.github.advance(1_000);
  expect(await statusOf(simulator, runId)).toEqual(['completed', 'cancelled']);
});

it('gives up a job that was queued for 24 hours', async () => {
  await using simulator = await openSimulator();
  const { runId } = simulator.github.createJob({ labels: ['x'] });
  simulator.github.advance(DAY - 10_000);
  expect(await statusOf(simulator, runId)).toEqual(['queued', null]);
  simulator.github.advance(10_000);
  expect(await statusOf(simulator, runId)).toEqual(['completed', 'cancelled']);
});

it('returns labels as written, and none for a job that names only a group', async () => {
  await using simulator = await openSimulator();
  const { runId } = simulator.github.createRun({
    jobs: [{ labels: ['Self-Hosted', 'GPU'] }, { labels: [] }],
  });
  expect((await jobsOf(simulator, runId)).map((job) => job['labels'])).toEqual([['Self-Hosted', 'GPU'], []]);
});

it('shows jobs late when told to', async () => {
  await using simulator = await openSimulator({ switches: { jobLagMs: 4_000 } });
  const { runId, jobId } = simulator.github.createJob({ labels: ['x'] });
  expect((await simulator.get(`${RUNS}/${runId}`)).status).toBe(404);
  simulator.github.advance(5_000);
  simulator.github.completeJob(jobId);
  expect(await statusOf(simulator, runId)).toEqual(['queued', null]);
  simulator.github.advance(5_000);
  expect(await statusOf(simulator, runId)).toEqual(['completed', 'success']);
});
