import { expect, it } from 'vitest';
import { covers } from '../../../src/simulator/world/labels.ts';
import { openFake, type Fake } from '../harness.ts';

const MINUTE = 60_000;

/** Which runner was offered the job, by name. */
function offered(fake: Fake, jobId: number): string | undefined {
  fake.github.settle();
  return [...fake.github.world.liveRunners].find((runner) => runner.offer?.job.id === jobId)?.name;
}

it.each([
  [['self-hosted', 'Linux'], ['SELF-HOSTED'], true],
  [['self-hosted', 'Linux'], ['linux', 'self-hosted'], true],
  [['self-hosted'], ['self-hosted', 'gpu'], false],
  [['self-hosted'], [], true],
])('%j covers %j: %s', (offer, wanted, expected) => {
  expect(covers(offer, wanted)).toBe(expected);
});

it('chooses any idle matching runner, the same for the same seed', async () => {
  const taken = async (seed: number): Promise<string | undefined> => {
    await using fake = await openFake({ seed });
    for (const name of ['r0', 'r1', 'r2', 'r3']) await fake.runner(name);
    return offered(fake, fake.github.createJob({ labels: ['self-hosted'] }).jobId);
  };
  const byChance = new Set<string | undefined>();
  for (let seed = 0; seed < 8; seed += 1) byChance.add(await taken(seed));
  expect(byChance.size).toBeGreaterThan(1);
  expect(await taken(3)).toBe(await taken(3));
});

it('passes over runners without the labels, of another repository, or offline', async () => {
  await using fake = await openFake({ repos: ['o/r', 'o/s'] });
  await fake.runner('plain');
  const { session } = await fake.runner('gone', ['gpu']);
  fake.github.sessions.disconnect(session);
  const here = fake.github.createJob({ labels: ['gpu'] });
  const there = fake.github.createJob({ repo: 'o/s', labels: ['self-hosted'] });
  expect(offered(fake, here.jobId)).toBeUndefined();
  expect(offered(fake, there.jobId)).toBeUndefined();
  await fake.runner('right', ['GPU', 'more']);
  expect(offered(fake, here.jobId)).toBe('right');
});

it('queues a job again that nobody took in 60 seconds', async () => {
  await using fake = await openFake();
  const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
  const { session } = await fake.runner('deaf');
  expect(offered(fake, jobId)).toBe('deaf');
  fake.github.advance(MINUTE);
  expect(offered(fake, jobId)).toBeUndefined();
  await fake.runner('keen');
  expect(offered(fake, jobId)).toBe('keen');
  expect(() => fake.github.sessions.start(session, jobId)).toThrow('no longer assigned');
});

it('steals: a runner made for another job is preferred', async () => {
  await using fake = await openFake({ switches: { assign: 'theft' } });
  const first = fake.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  const second = fake.github.createJob({ id: 41_207_654_321, labels: ['self-hosted'] });
  await fake.runner('ci-j1234567-aaaabbbb');
  await fake.runner('ci-j7654321-aaaabbbb');
  expect(offered(fake, first.jobId)).toBe('ci-j7654321-aaaabbbb');
  expect(offered(fake, second.jobId)).toBe('ci-j1234567-aaaabbbb');
});

it('gives a job its own runner when no other job wants that, and a foreign one when there is a choice', async () => {
  await using fake = await openFake({ switches: { assign: 'theft' } });
  await fake.runner('ci-j1234567-aaaabbbb');
  fake.github.createJob({ id: 41_207_654_321, labels: ['gpu', 'self-hosted'] });
  const own = fake.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  expect(offered(fake, own.jobId)).toBe('ci-j1234567-aaaabbbb');
  await fake.runner('ci-j0000001-aaaabbbb');
  await fake.runner('ci-j0000002-aaaabbbb');
  const next = fake.github.createJob({ id: 41_210_000_001, labels: ['self-hosted'] });
  expect(offered(fake, next.jobId)).toBe('ci-j0000002-aaaabbbb');
});

it('takes an offered job back from a runner that leaves', async () => {
  await using fake = await openFake();
  const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
  const { session } = await fake.runner('r1');
  expect(offered(fake, jobId)).toBe('r1');
  fake.github.sessions.disconnect(session);
  expect(offered(fake, jobId)).toBeUndefined();
  await fake.runner('r2');
  expect(offered(fake, jobId)).toBe('r2');
});
