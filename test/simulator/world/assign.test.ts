import { expect, it } from 'vitest';

import { covers } from '../../../src/simulator/world/labels.ts';
import { openSimulator, type Simulator } from '../harness.ts';

const MINUTE = 60_000;

/** Which runner was offered the job, by name. */
function offered(simulator: Simulator, jobId: number): string | undefined {
  simulator.github.catchUp();
  return [...simulator.github.world.liveRunners].find((runner) => runner.offer?.job.id === jobId)?.name;
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
    await using simulator = await openSimulator({ seed });
    for (const name of ['r0', 'r1', 'r2', 'r3']) await simulator.runner(name);
    return offered(simulator, simulator.github.createJob({ labels: ['self-hosted'] }).jobId);
  };
  const byChance = new Set<string | undefined>();
  for (let seed = 0; seed < 8; seed += 1) byChance.add(await taken(seed));
  expect(byChance.size).toBeGreaterThan(1);
  expect(await taken(3)).toBe(await taken(3));
});

it('passes over runners without the labels, of another repository, or offline', async () => {
  await using simulator = await openSimulator({ repos: ['o/r', 'o/s'] });
  await simulator.runner('plain');
  const { session } = await simulator.runner('gone', ['gpu']);
  simulator.github.sessions.disconnect(session);
  const here = simulator.github.createJob({ labels: ['gpu'] });
  const there = simulator.github.createJob({ repo: 'o/s', labels: ['self-hosted'] });
  expect(offered(simulator, here.jobId)).toBeUndefined();
  expect(offered(simulator, there.jobId)).toBeUndefined();
  await simulator.runner('right', ['GPU', 'more']);
  expect(offered(simulator, here.jobId)).toBe('right');
});

it('gives out nothing in an incident, and everything after it', async () => {
  await using simulator = await openSimulator({ switches: { assign: 'nobody' } });
  await simulator.runner('ready');
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  expect(offered(simulator, jobId)).toBeUndefined();
  simulator.github.configure({ assign: 'random' });
  expect(offered(simulator, jobId)).toBe('ready');
});

it('queues a job again that nobody took in 60 seconds', async () => {
  await using simulator = await openSimulator();
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  const { session } = await simulator.runner('deaf');
  expect(offered(simulator, jobId)).toBe('deaf');
  simulator.github.advance(MINUTE);
  expect(offered(simulator, jobId)).toBeUndefined();
  await simulator.runner('keen');
  expect(offered(simulator, jobId)).toBe('keen');
  expect(() => simulator.github.sessions.start(session, jobId)).toThrow('no longer assigned');
});

it('steals: a runner made for another job is preferred', async () => {
  await using simulator = await openSimulator({ switches: { assign: 'theft' } });
  const first = simulator.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  const second = simulator.github.createJob({ id: 41_207_654_321, labels: ['self-hosted'] });
  await simulator.runner('ci-j1234567-aaaabbbb');
  await simulator.runner('ci-j7654321-aaaabbbb');
  expect(offered(simulator, first.jobId)).toBe('ci-j7654321-aaaabbbb');
  expect(offered(simulator, second.jobId)).toBe('ci-j1234567-aaaabbbb');
});

it('gives a job its own runner when no other job wants that, and a foreign one when there is a choice', async () => {
  await using simulator = await openSimulator({ switches: { assign: 'theft' } });
  await simulator.runner('ci-j1234567-aaaabbbb');
  simulator.github.createJob({ id: 41_207_654_321, labels: ['gpu', 'self-hosted'] });
  const own = simulator.github.createJob({ id: 41_201_234_567, labels: ['self-hosted'] });
  expect(offered(simulator, own.jobId)).toBe('ci-j1234567-aaaabbbb');
  await simulator.runner('ci-j0000001-aaaabbbb');
  await simulator.runner('ci-j0000002-aaaabbbb');
  const next = simulator.github.createJob({ id: 41_210_000_001, labels: ['self-hosted'] });
  expect(offered(simulator, next.jobId)).toBe('ci-j0000002-aaaabbbb');
});

it('takes an offered job back from a runner that leaves', async () => {
  await using simulator = await openSimulator();
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  const { session } = await simulator.runner('r1');
  expect(offered(simulator, jobId)).toBe('r1');
  simulator.github.sessions.disconnect(session);
  expect(offered(simulator, jobId)).toBeUndefined();
  await simulator.runner('r2');
  expect(offered(simulator, jobId)).toBe('r2');
});
