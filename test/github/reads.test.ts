import { describe, expect, it } from 'vitest';

import { RUN_LISTS } from '../../src/core/observation.ts';
import { openScripted } from '../support/scripted-server.ts';
import {
  clientOf,
  failureOf,
  never,
  openSimulator,
  quiet,
  readJobs,
  readRunners,
  readRuns,
  sealed,
  TOKEN,
} from './support.ts';

const MINUTE = 60_000;

it('costs a part that has not changed one request, which is a 304', async () => {
  await using simulator = await openSimulator();
  const { runId } = simulator.createJob({ labels: ['a'] });
  const { github } = clientOf(simulator.url);
  const readAll = async (): Promise<unknown> => [
    ...(await Promise.all(RUN_LISTS.map(async (list) => (await readRuns(github, list)).runs))),
    (await readRunners(github)).runners,
    (await readJobs(github, runId)).jobs,
  ];
  const first = await readAll();
  const asked = simulator.history.requests.length;
  expect(await readAll()).toEqual(first);
  expect(asked).toBe(6);
  expect(simulator.history.requests.slice(asked).map(({ status }) => status)).toEqual(Array(6).fill(304));
});

it('tells a run and its queued job as GitHub lists them', async () => {
  await using simulator = await openSimulator({ repos: ['Octo/Repo'] });
  const { runId, jobId } = simulator.createJob({ labels: ['self-hosted', 'Nix'] });
  const { github, clock } = clientOf(simulator.url, { scopes: ['octo/repo'] });
  const { askedAt, runs, cut } = await readRuns(github, 'queued', 'octo/repo');
  expect(askedAt).toBe(clock.now());
  expect(cut).toBeNull();
  expect(runs).toEqual([
    {
      id: runId,
      scope: 'octo/repo',
      repository: 'Octo/Repo',
      stamp: expect.stringMatching(/^1 queued \d{4}-\d\d-\d\dT/) as string,
    },
  ]);
  const part = { kind: 'jobs', scope: 'octo/repo', repository: 'Octo/Repo', runId } as const;
  const answer = await github.read(part, 'fresh', never());
  const jobs = answer.kind === 'jobs' ? answer.jobs : [];
  expect(answer.askedAt).toBe(clock.now());
  expect(jobs).toEqual([
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
  expect(Math.abs((jobs[0]?.queuedAt ?? 0) - clock.now())).toBeLessThan(MINUTE);
});

it('sees a job whose runner_name is null, and names the runner of one that runs', async () => {
  await using simulator = await openSimulator({ switches: { unassigned: 'null' } });
  const { runId, jobIds } = simulator.createRun({ jobs: [{ labels: ['a'] }, { labels: ['b'] }] });
  simulator.startJob(jobIds[0] as number, 'their-runner');
  const { github } = clientOf(simulator.url);
  const { jobs } = await readJobs(github, runId);
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
  const { runs } = await readRuns(github, 'waiting');
  const { jobs } = await readJobs(github, runs[0]?.id ?? 0);
  expect(new Map(jobs.map(({ labels, status }) => [labels[0], status]))).toEqual(
    new Map([
      ['a', 'held'],
      ['b', 'queued'],
    ]),
  );
});

it('reads the jobs of a run that is over, for no list may show it any more', async () => {
  await using simulator = await openSimulator();
  const { jobId, runId } = simulator.createJob({ labels: ['a'] });
  const { github } = clientOf(simulator.url);
  simulator.completeJob(jobId);
  expect((await readRuns(github)).runs).toEqual([]);
  expect((await readJobs(github, runId)).jobs.map(({ status }) => status)).toEqual(['completed']);
});

it('reads every page of runs and of jobs', async () => {
  await using simulator = await openSimulator();
  for (let run = 0; run < 105; run += 1) simulator.createJob({ labels: ['a'] });
  const { runId } = simulator.createRun({
    jobs: Array.from({ length: 256 }, (_, index) => ({ name: `m${index}`, labels: ['a'] })),
  });
  const { github } = clientOf(simulator.url);
  expect((await readRuns(github)).runs).toHaveLength(106);
  expect((await readJobs(github, runId)).jobs).toHaveLength(256);
});

it('lists runners with their state', async () => {
  await using simulator = await openSimulator();
  const { github, clock } = clientOf(simulator.url);
  const made = await github.register({ scope: 'o/r', runnerName: 'h-j1-abcd1234', labels: ['a'] }, never());
  expect(await readRunners(github)).toEqual({
    kind: 'runners',
    askedAt: clock.now(),
    runners: [{ id: made.runnerId, name: 'h-j1-abcd1234', scope: 'o/r', online: false, busy: false }],
  });
});

it('counts a job once that slipped onto the next page while the first was read', async () => {
  await using simulator = await openSimulator({ switches: { pageShift: 1 } });
  const { runId } = simulator.createRun({
    jobs: Array.from({ length: 150 }, (_, index) => ({ name: `m${index}`, labels: ['a'] })),
  });
  const { github } = clientOf(simulator.url);
  const { jobs } = await readJobs(github, runId);
  expect(jobs).toHaveLength(150);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(150);
});

describe('the stamp of a run', () => {
  const listed = { id: 1, status: 'queued', run_attempt: 1, updated_at: '2026-11-20T12:00:00Z' };

  async function stampOf(run: object): Promise<string | undefined> {
    await using server = await openScripted(() => ({ body: { total_count: 1, workflow_runs: [run] } }));
    return (await readRuns(clientOf(server.url).github)).runs[0]?.stamp;
  }

  it.each([
    { what: 'its status', run: { ...listed, status: 'in_progress' } },
    { what: 'its attempt', run: { ...listed, run_attempt: 2 } },
    { what: 'the time of its last change', run: { ...listed, updated_at: '2026-11-20T12:00:01Z' } },
  ])('changes with $what', async ({ run }) => {
    expect(await stampOf(run)).not.toBe(await stampOf(listed));
  });

  it('stays while these do, and may lack what GitHub leaves out', async () => {
    expect(await stampOf({ ...listed, name: 'another' })).toBe(await stampOf(listed));
    expect(await stampOf({ id: 1, status: null })).toBe(
      await stampOf({ id: 1, status: null, updated_at: null }),
    );
  });
});

describe('the newest runs', () => {
  it('are read without a filter, and those that are over are left out', async () => {
    const all = ['queued', 'in_progress', 'waiting', 'pending', 'requested', 'completed', null];
    await using server = await openScripted(() => ({
      body: {
        total_count: 7,
        workflow_runs: all.map((status, at) => ({ id: at + 1, status, repository: { full_name: 'o/r' } })),
      },
    }));
    const { github } = clientOf(server.url);
    expect((await readRuns(github, 'newest')).runs.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(server.lines()).toEqual(['GET /repos/o/r/actions/runs?exclude_pull_requests=true&per_page=100']);
  });

  it('are one page, and no claim that there are no more', async () => {
    await using server = await openScripted(({ headers: { host } }) => ({
      headers: { link: `<http://${host}/repos/o/r/actions/runs?page=2>; rel="next"` },
      body: { total_count: 5_000, workflow_runs: [{ id: 1, status: 'queued' }] },
    }));
    const { github } = clientOf(server.url);
    expect(await readRuns(github, 'newest')).toMatchObject({
      runs: [{ id: 1, repository: 'o/r' }],
      cut: null,
    });
    expect(server.seen).toHaveLength(1);
  });
});

it('says why a list of runs holds only the newest of them', async () => {
  await using server = await openScripted(() => ({
    body: { total_count: 2, workflow_runs: [{ id: 1, status: 'queued' }] },
  }));
  const { github } = clientOf(server.url);
  expect(await readRuns(github)).toMatchObject({ runs: [{ id: 1 }], cut: 'GitHub counts 2 and lists 1' });
});

it('does not take a part of the jobs or runners for all of them', async () => {
  await using server = await openScripted(({ url }) => ({
    body: url.includes('/jobs?') ? { total_count: 1, jobs: [] } : { total_count: 1, runners: [] },
  }));
  const { github } = clientOf(server.url);
  expect((await failureOf(readJobs(github, 5))).message).toContain('the list is short: GitHub counts 1');
  expect((await failureOf(readRunners(github))).message).toContain('the list is short: GitHub counts 1');
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
  await readRuns(github);
  current = { token: sealed('newer-token'), generation: 2 };
  expect((await readRuns(github)).runs).toEqual([]);
  expect(simulator.history.requests.map(({ status, conditional }) => [status, conditional])).toEqual([
    [200, false],
    [200, false],
  ]);
});

it('gives the rate limit of the newest answer, a 304 included', async () => {
  await using simulator = await openSimulator();
  const { github } = clientOf(simulator.url);
  expect(github.rateLimit()).toBeNull();
  await readRuns(github);
  expect(github.rateLimit()).toMatchObject({ limit: 5000, remaining: 4999 });
  // GitHub counts in seconds, we in milliseconds: the reset is within the hour to come.
  const untilReset = (github.rateLimit()?.resetsAt ?? 0) - Date.now();
  expect(untilReset).toBeGreaterThan(0);
  expect(untilReset).toBeLessThanOrEqual(60 * MINUTE);
  await readRuns(github);
  expect(github.rateLimit()).toMatchObject({ remaining: 4999 });
});

it('asks nobody while a limit lasts, and says until when', async () => {
  await using simulator = await openSimulator();
  const { github, clock } = clientOf(simulator.url);
  simulator.limit('secondary', 90);
  const { retryAt } = await failureOf(readRuns(github));
  const asked = simulator.history.requests.length;
  // The simulated GitHub's own clock goes on while it answers.
  expect((retryAt ?? 0) - clock.now()).toBeGreaterThan(MINUTE);
  expect((retryAt ?? 0) - clock.now()).toBeLessThanOrEqual(90_000);
  expect(await failureOf(readRunners(github))).toMatchObject({ code: 'rate-limited', retryAt });
  expect(simulator.history.requests.length).toBe(asked);
  clock.advance(91_000);
  simulator.advance(91_000);
  expect((await readRuns(github)).runs).toEqual([]);
});

describe('the time of an answer', () => {
  it('is when its request went out, after the wait for a share of the budget', async () => {
    await using server = await openScripted(({ url }) => quiet(url));
    const { github, clock } = clientOf(
      server.url,
      {},
      { pointsPerMinute: 1, floors: { observation: 0, registration: 0, cleanup: 0 } },
    );
    const began = clock.now();
    expect((await readRuns(github)).askedAt).toBe(began);
    expect((await readRuns(github)).askedAt).toBe(began + MINUTE);
  });

  it('is that of the first page, and of the first try', async () => {
    await using server = await openScripted(({ url, headers: { host } }, nth) => {
      if (url.includes('page=2')) return quiet(url);
      if (nth === 1) return { status: 500, body: {} };
      return { ...quiet(url), headers: { link: `<http://${host}${url}&page=2>; rel="next"` } };
    });
    const { github, clock } = clientOf(server.url);
    const began = clock.now();
    expect((await readRuns(github)).askedAt).toBe(began);
    expect(server.seen).toHaveLength(3);
    expect(clock.now()).toBe(began + 250);
  });
});
