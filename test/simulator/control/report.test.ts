import { expect, it } from 'vitest';
import { openFake, type Fake } from '../harness.ts';

/** Lets a runner take whatever it is offered. */
async function take(
  fake: Fake,
  name: string,
  labels?: readonly string[],
): Promise<{ session: string; jobId: number }> {
  const { session } = await fake.runner(name, labels);
  const job = await fake.github.sessions.poll(session, { timeoutMs: 1_000 });
  fake.github.sessions.start(session, job?.id ?? 0);
  return { session, jobId: job?.id ?? 0 };
}

it('is clean after a good history', async () => {
  await using fake = await openFake({ switches: { removalLagMs: 0 } });
  const ids = [1, 2].map(() => fake.github.createJob({ labels: ['self-hosted'] }).jobId);
  const first = await take(fake, 'r1');
  const second = await take(fake, 'r2');
  expect(new Set([first.jobId, second.jobId])).toEqual(new Set(ids));
  expect(fake.github.report().openJobs).toEqual(ids);
  for (const { session, jobId } of [first, second]) fake.github.sessions.finish(session, jobId, 'success');
  fake.github.settle();
  expect(fake.github.report()).toMatchObject({
    violations: [],
    ranTwice: [],
    neverRan: [],
    wrongLabels: [],
    thefts: [],
    openJobs: [],
    runnersLeft: [],
    counters: { created: 2, deleted: 0, autoRemoved: 2, left: 0, busyNow: 0, busyMost: 2 },
  });
});

it('keeps a log of requests, the control channel apart', async () => {
  await using fake = await openFake();
  await fake.get('/repos/o/r/actions/runs?status=queued');
  await fake.post('/repos/o/r/actions/runners/registration-token');
  await fake.get('/_fake/state');
  const { requests, requestCount } = fake.github.report();
  expect(requestCount).toBe(2);
  expect(requests).toMatchObject([
    {
      method: 'GET',
      path: '/repos/o/r/actions/runs?status=queued',
      status: 200,
      points: 1,
      login: 'octo',
      conditional: false,
    },
    { method: 'POST', status: 201, points: 5, faulted: false },
  ]);
});

it('names what went wrong', async () => {
  await using fake = await openFake();
  const ghost = fake.github.createJob({ labels: ['nobody'] });
  fake.github.completeJob(ghost.jobId);
  const stolen = fake.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  await take(fake, 'ci-j7654321-aaaabbbb');
  const job = fake.github.world.job(stolen.jobId);
  const [execution] = job.executions;
  if (execution === undefined) throw new Error('the job did not run');
  job.executions.push({ ...execution, runnerLabels: ['other'] });
  expect(fake.github.report()).toMatchObject({
    neverRan: [ghost.jobId],
    thefts: [stolen.jobId],
    ranTwice: [stolen.jobId],
    wrongLabels: [stolen.jobId],
    runnersLeft: ['ci-j7654321-aaaabbbb'],
  });
});
