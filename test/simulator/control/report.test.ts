import { expect, it } from 'vitest';

import { openSimulator, type Simulator } from '../harness.ts';

/** Lets a runner take whatever it is offered. */
async function take(
  simulator: Simulator,
  name: string,
  labels?: readonly string[],
): Promise<{ session: string; jobId: number }> {
  const { session } = await simulator.runner(name, labels);
  const job = await simulator.github.sessions.poll(session, { timeoutMs: 1_000 });
  simulator.github.sessions.start(session, job?.id ?? 0);
  return { session, jobId: job?.id ?? 0 };
}

it('is clean after a good history', async () => {
  await using simulator = await openSimulator({ switches: { removalLagMs: 0 } });
  const ids = [1, 2].map(() => simulator.github.createJob({ labels: ['self-hosted'] }).jobId);
  const first = await take(simulator, 'r1');
  const second = await take(simulator, 'r2');
  expect(new Set([first.jobId, second.jobId])).toEqual(new Set(ids));
  expect(simulator.github.report().openJobs).toEqual(ids);
  for (const { session, jobId } of [first, second])
    simulator.github.sessions.finish(session, jobId, 'success');
  simulator.github.catchUp();
  expect(simulator.github.report()).toMatchObject({
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
  await using simulator = await openSimulator();
  await simulator.get('/repos/o/r/actions/runs?status=queued');
  await simulator.post('/repos/o/r/actions/runners/registration-token');
  await simulator.get('/_fake/state');
  const { requests, requestCount } = simulator.github.report();
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
  await using simulator = await openSimulator();
  const ghost = simulator.github.createJob({ labels: ['nobody'] });
  simulator.github.completeJob(ghost.jobId);
  const stolen = simulator.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  await take(simulator, 'ci-j7654321-aaaabbbb');
  const job = simulator.github.world.job(stolen.jobId);
  const [execution] = job.executions;
  if (execution === undefined) throw new Error('the job did not run');
  job.executions.push({ ...execution, runnerLabels: ['other'] });
  expect(simulator.github.report()).toMatchObject({
    neverRan: [ghost.jobId],
    thefts: [stolen.jobId],
    ranTwice: [stolen.jobId],
    wrongLabels: [stolen.jobId],
    runnersLeft: ['ci-j7654321-aaaabbbb'],
  });
});
