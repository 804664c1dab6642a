import { expect, it } from 'vitest';

import { clientOf, never, openSimulator, sealed, TOKEN } from './support.ts';

it('costs a quiet repository four requests a poll, all of them 304s after the first', async () => {
  await using simulator = await openSimulator();
  const { github } = clientOf(simulator.url);
  await github.observe(never());
  const first = simulator.history.requests.length;
  for (let looks = 0; looks < 31; looks += 1) {
    expect(await github.observe(never())).toMatchObject({ jobs: [], runners: [], unread: [], trouble: null });
  }
  const later = simulator.history.requests.slice(first);
  expect(first).toBe(5);
  // One of the 31 looks reads the newest runs without a filter, too.
  expect(later).toHaveLength(31 * 4 + 1);
  expect(new Set(later.map(({ status }) => status))).toEqual(new Set([304]));
});

it('tells a queued job as GitHub lists it', async () => {
  await using simulator = await openSimulator({ repos: ['Octo/Repo'] });
  const { runId, jobId } = simulator.createJob({ labels: ['self-hosted', 'Nix'] });
  const { github, clock } = clientOf(simulator.url, { scopes: ['octo/repo'] });
  const look = await github.observe(never());
  expect(look.askedAt).toBe(clock.now());
  expect(look.scopes).toEqual(['octo/repo']);
  expect(look.jobs).toEqual([
    {
      id: jobId,
      runId,
      runAttempt: 1,
      repository: 'Octo/Repo',
      scope: 'octo/repo',
      status: 'queued',
      labels: ['self-hosted', 'Nix'],
      queuedAt: expect.any(Number) as number,
      runnerName: null,
    },
  ]);
  expect(Math.abs((look.jobs[0]?.queuedAt ?? 0) - clock.now())).toBeLessThan(60_000);
});

it('sees a job whose runner_name is null, and names the runner of one that runs', async () => {
  await using simulator = await openSimulator({ switches: { unassigned: 'null' } });
  const { jobIds } = simulator.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  simulator.startJob(jobIds[0] as number, 'their-runner');
  const { github } = clientOf(simulator.url);
  const { jobs } = await github.observe(never());
  expect(new Map(jobs.map(({ status, runnerName }) => [status, runnerName]))).toEqual(
    new Map([
      ['in_progress', 'their-runner'],
      ['queued', null],
    ]),
  );
});

it('sees jobs of runs that wait for an approval, as held', async () => {
  await using simulator = await openSimulator();
  simulator.createRun({ jobs: [{ labels: ['a'], environment: 'production' }, { labels: ['b'] }] });
  const { github } = clientOf(simulator.url);
  const { jobs } = await github.observe(never());
  expect(new Map(jobs.map(({ labels, status }) => [labels[0], status]))).toEqual(
    new Map([
      ['a', 'held'],
      ['b', 'queued'],
    ]),
  );
});

it('reads every page of runs, jobs and runners', async () => {
  await using simulator = await openSimulator();
  for (let run = 0; run < 105; run += 1) simulator.createJob({ labels: ['a'] });
  simulator.createRun({
    jobs: Array.from({ length: 256 }, (_, index) => ({ name: `m${index}`, labels: ['a'] })),
  });
  const { github } = clientOf(simulator.url, {}, { pointsPerMinute: 10_000 });
  const { jobs, unread } = await github.observe(never());
  expect(unread).toEqual([]);
  expect(jobs).toHaveLength(105 + 256);
});

it('lists runners with their state', async () => {
  await using simulator = await openSimulator();
  const { github } = clientOf(simulator.url);
  const made = await github.register({ scope: 'o/r', runnerName: 'h-j1-abcd1234', labels: ['a'] }, never());
  const { runners } = await github.observe(never());
  expect(runners).toEqual([
    { id: made.runnerId, name: 'h-j1-abcd1234', scope: 'o/r', online: false, busy: false },
  ]);
});

it('counts a job once that slipped onto the next page while the first was read', async () => {
  await using simulator = await openSimulator({ switches: { pageShift: 1 } });
  simulator.createRun({
    jobs: Array.from({ length: 150 }, (_, index) => ({ name: `m${index}`, labels: ['a'] })),
  });
  const { github } = clientOf(simulator.url);
  const { jobs } = await github.observe(never());
  expect(jobs).toHaveLength(150);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(150);
});

it('follows a run to its end although no list shows it any more', async () => {
  await using simulator = await openSimulator();
  const { jobId } = simulator.createJob({ labels: ['a'] });
  const { github } = clientOf(simulator.url);
  await github.observe(never());
  simulator.completeJob(jobId);
  expect((await github.observe(never())).jobs.map(({ status }) => status)).toEqual(['completed']);
  expect((await github.observe(never())).jobs).toEqual([]);
});

it('uses a new token from the next request on, and no ETag of the old one', async () => {
  await using simulator = await openSimulator({
    tokens: [
      { token: TOKEN, login: 'octo' },
      { token: 'newer-token', login: 'octo' },
    ],
  });
  let current = { token: sealed(TOKEN), generation: 1 };
  const { github } = clientOf(simulator.url, { readToken: () => current });
  await github.observe(never());
  current = { token: sealed('newer-token'), generation: 2 };
  const before = simulator.history.requests.length;
  expect((await github.observe(never())).unread).toEqual([]);
  const after = simulator.history.requests.slice(before);
  expect(after.map(({ status, conditional }) => [status, conditional])).toEqual(
    [1, 2, 3, 4].map(() => [200, false]),
  );
});

it('gives the rate limit of the newest answer, a 304 included', async () => {
  await using simulator = await openSimulator();
  const { github } = clientOf(simulator.url);
  expect(github.rateLimit()).toBeNull();
  await github.observe(never());
  expect(github.rateLimit()).toMatchObject({ limit: 5000, remaining: 4995 });
  // GitHub counts in seconds, we in milliseconds: the reset is within the hour to come.
  const untilReset = (github.rateLimit()?.resetsAt ?? 0) - Date.now();
  expect(untilReset).toBeGreaterThan(0);
  expect(untilReset).toBeLessThanOrEqual(3_600_000);
  await github.observe(never());
  expect(github.rateLimit()).toMatchObject({ remaining: 4995 });
});

it('asks nobody while a limit lasts, and says until when', async () => {
  await using simulator = await openSimulator();
  const { github, clock } = clientOf(simulator.url);
  simulator.limit('secondary', 90);
  const first = await github.observe(never());
  const asked = simulator.history.requests.length;
  // The simulated GitHub's own clock goes on while it answers.
  const until = first.trouble?.kind === 'rate-limited' ? first.trouble.until - clock.now() : 0;
  expect(until).toBeGreaterThan(60_000);
  expect(until).toBeLessThanOrEqual(90_000);
  const second = await github.observe(never());
  expect(second.trouble).toMatchObject({ kind: 'rate-limited', until: clock.now() + until });
  expect(second.unread.map(({ what, runId }) => [what, runId])).toContainEqual(['jobs', null]);
  expect(simulator.history.requests.length).toBe(asked);
  clock.advance(91_000);
  simulator.advance(91_000);
  expect((await github.observe(never())).trouble).toBeNull();
});
