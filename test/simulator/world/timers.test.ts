import { expect, it } from 'vitest';

import { openSimulator, type Simulator } from '../harness.ts';

const MINUTE = 60_000;
const RUNNERS = '/repos/o/r/actions/runners';

/** Speaks to the runner side channel as a separate program would. */
function channel(simulator: Simulator, verb: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${simulator.url}/_fake/runner/${verb}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function running(simulator: Simulator): Promise<{ id: number; session: string; jobId: number }> {
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  const { id, session } = await simulator.runner('r1');
  expect((await channel(simulator, 'poll', { session, seconds: 5 })).status).toBe(200);
  expect((await channel(simulator, 'started', { session, jobId })).status).toBe(200);
  return { id, session, jobId };
}

it('fails the job of a dead host after ten minutes, and only then lets go of the runner', async () => {
  await using simulator = await openSimulator();
  const { id, session, jobId } = await running(simulator);
  const cut = new AbortController();
  const beating = channel(simulator, 'heartbeat', { session, jobId, seconds: 30 }, cut.signal);
  await expect.poll(() => simulator.github.world.runners.get(id)?.session?.polls).toBe(1);
  cut.abort();
  await expect(beating).rejects.toThrow('abort');
  await simulator.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect((await simulator.get(`${RUNNERS}/${id}`)).body).toMatchObject({ status: 'offline', busy: true });
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(422);
  simulator.github.advance(9 * MINUTE);
  expect(simulator.github.state().jobs[0]?.status).toBe('in_progress');
  simulator.github.advance(MINUTE + 1_000);
  expect(simulator.github.state().jobs[0]).toMatchObject({ status: 'completed', conclusion: 'failure' });
  expect(simulator.github.state().jobs[0]?.note).toContain('lost communication');
  simulator.github.advance(MINUTE);
  expect((await simulator.get(`${RUNNERS}/${id}`)).status).toBe(404);
});

it('takes a runner back that is heard of again in time', async () => {
  await using simulator = await openSimulator();
  const { id, session, jobId } = await running(simulator);
  simulator.github.loseRunner(id);
  simulator.github.advance(9 * MINUTE);
  const beat = await channel(simulator, 'heartbeat', { session, jobId, seconds: 0 });
  expect(await beat.json()).toEqual({ cancel: false });
  simulator.github.advance(5 * MINUTE);
  expect(simulator.github.state().jobs[0]?.status).toBe('in_progress');
  expect((await channel(simulator, 'finish', { session, jobId, result: 'success' })).status).toBe(200);
  expect(simulator.github.state().jobs[0]?.conclusion).toBe('success');
});

it('shows an idle runner offline as soon as its connection closes', async () => {
  await using simulator = await openSimulator();
  const { id, session } = await simulator.runner('r1');
  const cut = new AbortController();
  const polling = channel(simulator, 'poll', { session, seconds: 30 }, cut.signal);
  await expect.poll(() => simulator.github.world.runners.get(id)?.session?.polls).toBe(1);
  cut.abort();
  await expect(polling).rejects.toThrow('abort');
  await simulator.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(204);
});

it('shows a runner offline that falls silent', async () => {
  await using simulator = await openSimulator({ switches: { lostAfterMs: 50 } });
  await simulator.runner('r1');
  await simulator.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect(simulator.github.state().runners[0]?.removal).toBeNull();
});
