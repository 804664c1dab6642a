import { expect, it } from 'vitest';
import { list, openFake, type Body, type Fake } from '../harness.ts';

const RUNS = '/repos/o/r/actions/runs';
const DAY = 24 * 3_600_000;

async function jobsOf(fake: Fake, runId: number, query = ''): Promise<Body[]> {
  return list(await fake.get(`${RUNS}/${runId}/jobs${query}`), 'jobs');
}

async function statusOf(fake: Fake, runId: number): Promise<unknown[]> {
  const { body } = await fake.get(`${RUNS}/${runId}`);
  return [body['status'], body['conclusion']];
}

it('gives growing ids that no URL repeats', async () => {
  await using fake = await openFake();
  const { runId } = fake.github.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  const [first, second] = await jobsOf(fake, runId);
  expect(Number(second?.['id'])).toBeGreaterThan(Number(first?.['id']));
  expect(first?.['html_url']).not.toContain(String(first?.['id']));
  expect(first?.['check_run_url']).toMatch(new RegExp(`/${String(first?.['id'])}$`, 'u'));
  expect(fake.github.createJob({ id: 5, labels: [] }).jobId).toBe(5);
  expect(() => fake.github.createJob({ id: 5, labels: [] })).toThrow('job id 5 has been used');
});

it('derives the run from its jobs: in_progress and waiting runs hold queued jobs', async () => {
  await using fake = await openFake();
  const mixed = fake.github.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  expect(await statusOf(fake, mixed.runId)).toEqual(['queued', null]);
  fake.github.startJob(mixed.jobIds[0] as number);
  expect(await statusOf(fake, mixed.runId)).toEqual(['in_progress', null]);
  expect((await jobsOf(fake, mixed.runId)).map((job) => job['status'])).toEqual(['in_progress', 'queued']);
  const gated = fake.github.createRun({ jobs: [{ labels: ['a'], environment: 'prod' }, { labels: ['b'] }] });
  expect(await statusOf(fake, gated.runId)).toEqual(['waiting', null]);
  const ids = async (status: string): Promise<unknown[]> =>
    list(await fake.get(`${RUNS}?status=${status}`), 'workflow_runs').map((run) => run['id']);
  expect(await ids('waiting')).toEqual([gated.runId]);
  expect(await ids('in_progress')).toEqual([mixed.runId]);
  expect(await ids('queued')).toEqual([]);
  for (const id of mixed.jobIds) fake.github.completeJob(id, id === mixed.jobIds[0] ? 'failure' : 'success');
  expect(await statusOf(fake, mixed.runId)).toEqual(['completed', 'failure']);
  expect(await ids('failure')).toEqual([mixed.runId]);
});

it('lists newest first and gives at most 1,000 to a search', async () => {
  await using fake = await openFake();
  for (let index = 0; index < 1_001; index += 1) fake.github.createJob({ labels: [] });
  const first = list(await fake.get(`${RUNS}?status=queued&per_page=100`), 'workflow_runs');
  expect(Number(first[0]?.['id'])).toBeGreaterThan(Number(first[1]?.['id']));
  const beyond = await fake.get(`${RUNS}?status=queued&per_page=100&page=11`);
  expect([list(beyond, 'workflow_runs').length, beyond.body['total_count']]).toEqual([0, 1_001]);
  expect(list(await fake.get(`${RUNS}?per_page=100&page=11`), 'workflow_runs')).toHaveLength(1);
});

it.each([
  ['zero', [0, '']],
  ['null', [null, null]],
] as const)('shows an unassigned runner as %s', async (unassigned, expected) => {
  await using fake = await openFake({ switches: { unassigned } });
  const { jobId } = fake.github.createJob({ labels: ['a'] });
  const { body } = await fake.get(`/repos/o/r/actions/jobs/${jobId}`);
  expect([body['runner_id'], body['runner_name']]).toEqual(expected);
});

it.each([
  [false, true],
  [true, false],
])('with startedAtMoves %s, started_at stays what it was: %s', async (startedAtMoves, stays) => {
  await using fake = await openFake({ switches: { startedAtMoves } });
  const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
  const read = async (): Promise<Body> => (await fake.get(`/repos/o/r/actions/jobs/${jobId}`)).body;
  const before = await read();
  expect(before['started_at']).toBe(before['created_at']);
  fake.github.advance(5_000);
  const { session } = await fake.runner('x');
  const job = await fake.github.sessions.poll(session);
  fake.github.sessions.start(session, job?.id ?? 0);
  const after = await read();
  expect(after['status']).toBe('in_progress');
  expect(after['started_at'] === before['started_at']).toBe(stays);
});

it('lists jobs with needs only when they are ready, and skips them after a failure', async () => {
  await using fake = await openFake();
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'], needs: ['a'] },
  ];
  const good = fake.github.createRun({ jobs });
  expect((await jobsOf(fake, good.runId)).map((job) => job['name'])).toEqual(['a']);
  fake.github.completeJob(good.jobIds[0] as number);
  expect((await jobsOf(fake, good.runId)).map((job) => job['status'])).toEqual(['completed', 'queued']);
  const bad = fake.github.createRun({ jobs });
  fake.github.completeJob(bad.jobIds[0] as number, 'failure');
  expect((await jobsOf(fake, bad.runId)).map((job) => job['conclusion'])).toEqual(['failure', 'skipped']);
  expect(await statusOf(fake, bad.runId)).toEqual(['completed', 'failure']);
});

it('can list jobs with needs early, as pending', async () => {
  await using fake = await openFake({ switches: { needs: 'pending' } });
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'], needs: ['a'] },
  ];
  const { runId, jobIds } = fake.github.createRun({ jobs });
  expect((await jobsOf(fake, runId)).map((job) => job['status'])).toEqual(['queued', 'pending']);
  fake.github.completeJob(jobIds[0] as number);
  expect((await jobsOf(fake, runId)).map((job) => job['status'])).toEqual(['completed', 'queued']);
});

it('holds environment jobs until they are approved', async () => {
  await using fake = await openFake();
  const { runId } = fake.github.createRun({ jobs: [{ labels: ['x'], environment: 'prod' }] });
  expect((await jobsOf(fake, runId))[0]?.['status']).toBe('waiting');
  fake.github.approve(runId);
  expect((await jobsOf(fake, runId))[0]?.['status']).toBe('queued');
});

it('keeps one run of a group running and one pending; a newer one cancels the pending one', async () => {
  await using fake = await openFake();
  const start = (): number =>
    fake.github.createRun({ jobs: [{ labels: ['x'] }], concurrency: 'Deploy' }).runId;
  const [first, second, third] = [start(), start(), start()];
  expect(await statusOf(fake, first)).toEqual(['queued', null]);
  expect(await statusOf(fake, second)).toEqual(['completed', 'cancelled']);
  expect(await statusOf(fake, third)).toEqual(['pending', null]);
  fake.github.cancelRun(first);
  expect(await statusOf(fake, third)).toEqual(['queued', null]);
});

it('lets any number be pending with queue max, in order, and cancels the running one when told', async () => {
  await using fake = await openFake();
  const start = (more: object): number =>
    fake.github.createRun({ jobs: [{ labels: ['x'] }], concurrency: { group: 'g', ...more } }).runId;
  const [first, second, third] = [start({ queue: 'max' }), start({ queue: 'max' }), start({ queue: 'max' })];
  expect([await statusOf(fake, second), await statusOf(fake, third)]).toEqual([
    ['pending', null],
    ['pending', null],
  ]);
  fake.github.cancelRun(first);
  expect([await statusOf(fake, second), await statusOf(fake, third)]).toEqual([
    ['queued', null],
    ['pending', null],
  ]);
  const newest = start({ cancelInProgress: true });
  expect(await statusOf(fake, second)).toEqual(['completed', 'cancelled']);
  expect(await statusOf(fake, newest)).toEqual(['queued', null]);
});

it('re-runs with the same run id, new job ids, and completed copies of what is kept', async () => {
  await using fake = await openFake();
  const { runId, jobIds } = fake.github.createRun({
    jobs: [
      { name: 'a', labels: ['x'] },
      { name: 'b', labels: ['x'] },
    ],
  });
  const [a, b] = jobIds as [number, number];
  expect((await fake.post(`${RUNS}/${runId}/rerun`)).status).toBe(403);
  fake.github.completeJob(a);
  fake.github.completeJob(b, 'failure');
  const before = (await fake.get(`${RUNS}/${runId}`)).body;
  fake.github.advance(10_000);
  expect((await fake.post(`${RUNS}/${runId}/rerun-failed-jobs`)).status).toBe(201);
  const after = (await fake.get(`${RUNS}/${runId}`)).body;
  expect([after['run_attempt'], after['created_at']]).toEqual([2, before['created_at']]);
  expect(after['run_started_at']).not.toBe(before['run_started_at']);
  const jobs = await jobsOf(fake, runId);
  expect(jobs.map((job) => [job['name'], job['status'], job['run_attempt']])).toEqual([
    ['a', 'completed', 2],
    ['b', 'queued', 2],
  ]);
  expect(jobs.some((job) => jobIds.includes(Number(job['id'])))).toBe(false);
  expect(await jobsOf(fake, runId, '?filter=all')).toHaveLength(4);
  expect(list(await fake.get(`${RUNS}/${runId}/attempts/1/jobs`), 'jobs').map((job) => job['id'])).toEqual(
    jobIds,
  );
  expect((await fake.get(`${RUNS}/${runId}/attempts/3/jobs`)).status).toBe(404);
});

it('re-runs one job and what depends on it', async () => {
  await using fake = await openFake();
  const jobs = [
    { name: 'a', labels: ['x'] },
    { name: 'b', labels: ['x'] },
    { name: 'c', labels: ['x'], needs: ['a'] },
  ];
  const { runId, jobIds } = fake.github.createRun({ jobs });
  fake.github.cancelRun(runId);
  expect((await fake.post(`/repos/o/r/actions/jobs/${String(jobIds[0])}/rerun`)).status).toBe(201);
  expect((await jobsOf(fake, runId)).map((job) => [job['name'], job['status']])).toEqual([
    ['b', 'completed'],
    ['a', 'queued'],
  ]);
});

it('cancels queued jobs at once, running ones when their runner reacts, or by force', async () => {
  await using fake = await openFake();
  const { runId, jobIds } = fake.github.createRun({ jobs: [{ labels: ['x'] }, { labels: ['self-hosted'] }] });
  const { session } = await fake.runner('r1');
  const job = await fake.github.sessions.poll(session);
  fake.github.sessions.start(session, job?.id ?? 0);
  const asked = fake.github.sessions.heartbeat(session, job?.id ?? 0);
  expect((await fake.post(`${RUNS}/${runId}/cancel`)).status).toBe(202);
  expect((await jobsOf(fake, runId)).map((each) => each['status'])).toEqual(['completed', 'in_progress']);
  expect(await asked).toBe(true);
  expect((await fake.post(`${RUNS}/${runId}/force-cancel`)).status).toBe(202);
  expect(await statusOf(fake, runId)).toEqual(['completed', 'cancelled']);
  expect((await fake.post(`${RUNS}/${runId}/cancel`)).status).toBe(409);
  expect(job?.id).toBe(jobIds[1]);
});

it('overrules a runner that ignores a cancellation for five minutes', async () => {
  await using fake = await openFake();
  const { runId, jobIds } = fake.github.createRun({ jobs: [{ labels: ['x'] }] });
  fake.github.startJob(jobIds[0] as number);
  fake.github.cancelRun(runId);
  fake.github.advance(299_000);
  expect(await statusOf(fake, runId)).toEqual(['in_progress', null]);
  fake.github.advance(1_000);
  expect(await statusOf(fake, runId)).toEqual(['completed', 'cancelled']);
});

it('gives up a job that was queued for 24 hours', async () => {
  await using fake = await openFake();
  const { runId } = fake.github.createJob({ labels: ['x'] });
  fake.github.advance(DAY - 10_000);
  expect(await statusOf(fake, runId)).toEqual(['queued', null]);
  fake.github.advance(10_000);
  expect(await statusOf(fake, runId)).toEqual(['completed', 'cancelled']);
});

it('returns labels as written, and none for a job that names only a group', async () => {
  await using fake = await openFake();
  const { runId } = fake.github.createRun({ jobs: [{ labels: ['Self-Hosted', 'GPU'] }, { labels: [] }] });
  expect((await jobsOf(fake, runId)).map((job) => job['labels'])).toEqual([['Self-Hosted', 'GPU'], []]);
});

it('shows jobs late when told to', async () => {
  await using fake = await openFake({ switches: { jobLagMs: 4_000 } });
  const { runId, jobId } = fake.github.createJob({ labels: ['x'] });
  expect((await fake.get(`${RUNS}/${runId}`)).status).toBe(404);
  fake.github.advance(5_000);
  fake.github.completeJob(jobId);
  expect(await statusOf(fake, runId)).toEqual(['queued', null]);
  fake.github.advance(5_000);
  expect(await statusOf(fake, runId)).toEqual(['completed', 'success']);
});
