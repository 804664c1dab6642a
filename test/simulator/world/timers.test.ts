import { expect, it } from 'vitest';
import { openFake, type Fake } from '../harness.ts';

const MINUTE = 60_000;
const RUNNERS = '/repos/o/r/actions/runners';

/** Speaks to the runner side channel as a separate program would. */
function channel(fake: Fake, verb: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${fake.url}/_fake/runner/${verb}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function running(fake: Fake): Promise<{ id: number; session: string; jobId: number }> {
  const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
  const { id, session } = await fake.runner('r1');
  expect((await channel(fake, 'poll', { session, seconds: 5 })).status).toBe(200);
  expect((await channel(fake, 'started', { session, jobId })).status).toBe(200);
  return { id, session, jobId };
}

it('fails the job of a dead host after ten minutes, and only then lets go of the runner', async () => {
  await using fake = await openFake();
  const { id, session, jobId } = await running(fake);
  const cut = new AbortController();
  const beating = channel(fake, 'heartbeat', { session, jobId, seconds: 30 }, cut.signal);
  await expect.poll(() => fake.github.world.runners.get(id)?.session?.polls).toBe(1);
  cut.abort();
  await expect(beating).rejects.toThrow('abort');
  await fake.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect((await fake.get(`${RUNNERS}/${id}`)).body).toMatchObject({ status: 'offline', busy: true });
  expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(422);
  fake.github.advance(9 * MINUTE);
  expect(fake.github.state().jobs[0]?.status).toBe('in_progress');
  fake.github.advance(MINUTE + 1_000);
  expect(fake.github.state().jobs[0]).toMatchObject({ status: 'completed', conclusion: 'failure' });
  expect(fake.github.state().jobs[0]?.note).toContain('lost communication');
  fake.github.advance(MINUTE);
  expect((await fake.get(`${RUNNERS}/${id}`)).status).toBe(404);
});

it('takes a runner back that is heard of again in time', async () => {
  await using fake = await openFake();
  const { id, session, jobId } = await running(fake);
  fake.github.loseRunner(id);
  fake.github.advance(9 * MINUTE);
  const beat = await channel(fake, 'heartbeat', { session, jobId, seconds: 0 });
  expect(await beat.json()).toEqual({ cancel: false });
  fake.github.advance(5 * MINUTE);
  expect(fake.github.state().jobs[0]?.status).toBe('in_progress');
  expect((await channel(fake, 'finish', { session, jobId, result: 'success' })).status).toBe(200);
  expect(fake.github.state().jobs[0]?.conclusion).toBe('success');
});

it('shows an idle runner offline as soon as its connection closes', async () => {
  await using fake = await openFake();
  const { id, session } = await fake.runner('r1');
  const cut = new AbortController();
  const polling = channel(fake, 'poll', { session, seconds: 30 }, cut.signal);
  await expect.poll(() => fake.github.world.runners.get(id)?.session?.polls).toBe(1);
  cut.abort();
  await expect(polling).rejects.toThrow('abort');
  await fake.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(204);
});

it('shows a runner offline that falls silent', async () => {
  await using fake = await openFake({ switches: { lostAfterMs: 50 } });
  await fake.runner('r1');
  await fake.github.waitFor((state) => state.runners[0]?.status === 'offline');
  expect(fake.github.state().runners[0]?.removal).toBeNull();
});
