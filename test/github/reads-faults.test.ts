import { describe, expect, it } from 'vitest';

import { GithubError } from '../../src/core/errors.ts';
import type { GithubErrorCode } from '../../src/core/errors.ts';
import { openScripted } from '../support/scripted-server.ts';
import type { ScriptedReply } from '../support/scripted-server.ts';
import { clientOf, failureOf, IMPATIENT, never, quiet, readJobs, readRunners, readRuns } from './support.ts';

const HOUR = 3_600;
const run = (id: number): object => ({ id, status: 'queued', repository: { full_name: 'o/r' } });
const job = (id: number, runId: number): object => ({
  id,
  run_id: runId,
  run_attempt: 1,
  status: 'queued',
  created_at: '2026-11-20T12:00:00Z',
  labels: ['a'],
  runner_name: '',
});

/** A sentence, what a list of runs is answered with, and what the failure then says and how often it asked. */
interface Row {
  readonly name: string;
  readonly reply: ScriptedReply;
  readonly code: GithubErrorCode;
  readonly says: RegExp;
  readonly tries: number;
}

const rows: readonly Row[] = [
  {
    name: '401: the token is to be replaced',
    reply: { status: 401, body: { message: 'Bad credentials', status: '401' } },
    code: 'unauthorized',
    says: /^cannot list the \w+ runs of o\/r: GitHub answers 401 "Bad credentials": the token is wrong, expired or revoked; put a valid one into the token file, no restart is needed$/,
    tries: 1,
  },
  {
    name: '403: which permission is missing',
    reply: {
      status: 403,
      headers: { 'x-accepted-github-permissions': 'actions=read', 'x-ratelimit-remaining': '4000' },
      body: { message: 'Resource not accessible by personal access token' },
    },
    code: 'forbidden',
    says: /403 "Resource not accessible by personal access token": the token needs repository permission Actions: read.* \(GitHub asks for actions=read\) on o\/r/,
    tries: 1,
  },
  {
    name: '403: single sign-on',
    reply: {
      status: 403,
      headers: { 'x-github-sso': 'required; url=https://x' },
      body: { message: 'Resource protected' },
    },
    code: 'forbidden',
    says: /the token is not authorised for the single sign-on of o\/r's organisation/,
    tries: 1,
  },
  {
    name: '404: the name or the sight of it',
    reply: { status: 404, body: { message: 'Not Found' } },
    code: 'not-found',
    says: /404 "Not Found": check that o\/r exists under this name and that the token may see it \(repository permission Actions: read/,
    tries: 1,
  },
  {
    name: '422: the words and the details',
    reply: {
      status: 422,
      body: { message: 'Validation Failed', errors: ['no such status', { code: 'invalid' }] },
    },
    code: 'refused',
    says: /422 "Validation Failed; no such status; \{"code":"invalid"\}"$/,
    tries: 1,
  },
  {
    name: '500: tried three times',
    reply: { status: 500, body: { message: 'Server Error' } },
    code: 'unreachable',
    says: /GitHub answers 500 "Server Error"$/,
    tries: 3,
  },
  {
    name: '503 with a page for people',
    reply: { status: 503, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><p>unicorn' },
    code: 'unreachable',
    says: /GitHub answers 503 "an HTML page"$/,
    tries: 3,
  },
  {
    name: 'a reset connection',
    reply: 'reset',
    code: 'unreachable',
    says: /cannot list the \w+ runs of o\/r: (read ECONNRESET|other side closed)$/,
    tries: 3,
  },
  {
    name: 'a connection cut in mid-answer',
    reply: 'cut',
    code: 'unreachable',
    says: /cannot list the \w+ runs of o\/r: (other side closed|aborted|terminated)$/,
    tries: 3,
  },
  {
    name: 'a hang',
    reply: 'hang',
    code: 'unreachable',
    says: /cannot list the \w+ runs of o\/r: no answer: not over after 0\.5 s$/,
    tries: 3,
  },
  {
    name: 'broken JSON',
    reply: { body: '{"total_count": 0, "workflow_runs": [' },
    code: 'unexpected',
    says: /GitHub's answer is not what it should be: no JSON$/,
    tries: 1,
  },
  {
    name: 'no body',
    reply: { body: '' },
    code: 'unexpected',
    says: /GitHub's answer is not what it should be: no JSON$/,
    tries: 1,
  },
  {
    name: 'another shape',
    reply: { body: { total_count: 1, workflow_runs: [{ id: 'seven', status: 'queued' }] } },
    code: 'unexpected',
    says: /not what it should be: workflow_runs\.0\.id: Invalid input: expected number, received string$/,
    tries: 1,
  },
  {
    name: 'an id that a number cannot hold',
    reply: { body: '{"total_count":1,"workflow_runs":[{"id":9007199254740993,"status":"queued"}]}' },
    code: 'unexpected',
    says: /not what it should be: workflow_runs\.0\.id: /,
    tries: 1,
  },
];

describe('a list of runs that cannot be read is an error that says why', () => {
  it.each(rows)('$name', async ({ reply, code, says, tries }) => {
    await using server = await openScripted(() => reply);
    const { github, clock } = clientOf(server.url, {}, reply === 'hang' ? IMPATIENT : {});
    const error = await failureOf(readRuns(github));
    expect(error.message).toMatch(says);
    expect(error.code).toBe(code);
    expect(server.lines()).toEqual(
      Array(tries).fill('GET /repos/o/r/actions/runs?status=queued&exclude_pull_requests=true&per_page=100'),
    );
    expect(clock.slept).toEqual([250, 500].slice(0, tries - 1));
  });
});

interface LimitRow {
  readonly name: string;
  readonly status: number;
  readonly headers: (now: number) => Record<string, string>;
  readonly message: string;
  /** Milliseconds from the answer, within a second. */
  readonly wait: number;
}

const limits: readonly LimitRow[] = [
  {
    name: '429 with retry-after',
    status: 429,
    headers: () => ({ 'retry-after': '7' }),
    message: 'slow down',
    wait: 7_000,
  },
  { name: '429 without', status: 429, headers: () => ({}), message: 'slow down', wait: 60_000 },
  {
    name: '403 with retry-after',
    status: 403,
    headers: () => ({ 'retry-after': '30' }),
    message: 'You have exceeded a secondary rate limit',
    wait: 30_000,
  },
  {
    name: '403 of a secondary limit that does not say how long',
    status: 403,
    headers: () => ({ 'x-ratelimit-remaining': '4000' }),
    message: 'You have exceeded a secondary rate limit',
    wait: 60_000,
  },
  {
    name: '403 of the primary limit',
    status: 403,
    headers: (now) => ({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(now / 1000) + HOUR / 2),
    }),
    message: 'API rate limit exceeded for user ID 1.',
    wait: 1_801_000,
  },
];

describe('a limit stops every request of the identity', () => {
  it.each(limits)('$name', async ({ status, headers, message, wait }) => {
    const now = Date.now();
    await using server = await openScripted(() => ({ status, headers: headers(now), body: { message } }));
    const { github, clock, logged } = clientOf(server.url);
    const limit = await failureOf(readRuns(github));
    const asked = server.seen.length;
    expect(limit.code).toBe('rate-limited');
    expect(limit.message).toContain(message);
    const until = limit.retryAt ?? 0;
    expect(Math.abs(until - (now + wait))).toBeLessThan(1_500);
    const order = { scope: 'o/r', runnerName: 'n', labels: ['a'] };
    await expect(github.register(order, never())).rejects.toMatchObject({
      code: 'rate-limited',
      retryAt: until,
    });
    await expect(readRunners(github)).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
    await expect(readJobs(github, 1)).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
    await expect(github.findRunner('o/r', 'n', never())).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(github.deregister('o/r', 1, never())).rejects.toMatchObject({ code: 'rate-limited' });
    expect(server.seen.length).toBe(asked);
    expect(clock.slept).toEqual([]);
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
    clock.advance(wait + 1_000);
    await failureOf(readRuns(github));
    expect(server.seen.length).toBeGreaterThan(asked);
  });

  it('waits longer each time that GitHub does not say how long', async () => {
    await using server = await openScripted(() => ({ status: 429, body: { message: 'slow down' } }));
    const { github, clock } = clientOf(server.url);
    const waits: number[] = [];
    for (let looks = 0; looks < 6; looks += 1) {
      const { retryAt } = await failureOf(readRuns(github));
      waits.push(((retryAt ?? 0) - clock.now()) / 60_000);
      clock.advance((retryAt ?? 0) - clock.now());
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it.each([
    {
      title: 'begins with a minute again once GitHub has served a request',
      body: quiet,
      status: 200,
      is: [1, 2, 0, 1],
    },
    { title: 'a failure is no service', body: () => ({ body: {} }), status: 404, is: [1, 2, 0, 4] },
  ])('$title', async ({ body, status, is }) => {
    let limited = true;
    await using server = await openScripted(({ url }) =>
      limited ? { status: 429, body: { message: 'slow down' } } : { status, ...body(url) },
    );
    const { github, clock } = clientOf(server.url);
    const waits: number[] = [];
    for (const answers of [false, false, true, false]) {
      limited = !answers;
      const retryAt = await readRuns(github).then(
        () => null,
        (error: unknown) => (error instanceof GithubError ? error.retryAt : null),
      );
      const until = retryAt ?? clock.now();
      waits.push((until - clock.now()) / 60_000);
      clock.advance(until - clock.now());
    }
    expect(waits).toEqual(is);
  });
});

it('does not take in an answer without end', async () => {
  await using server = await openScripted(() => ({ body: 'x'.repeat(5_000) }));
  const { github } = clientOf(server.url, {}, { bodySize: 4_000 });
  const { code, message } = await failureOf(readRuns(github));
  expect(message).toMatch(/: the answer is larger than 4000 bytes$/);
  expect(code).toBe('unexpected');
});

it('goes on after a failure that passes', async () => {
  await using server = await openScripted(({ url }, nth) =>
    nth < 3 ? { status: 500, body: {} } : quiet(url),
  );
  const { github, clock } = clientOf(server.url);
  expect((await readRuns(github)).runs).toEqual([]);
  expect(clock.slept).toEqual([250, 500]);
});

describe('a list that GitHub cannot make in large pages', () => {
  const ids = Array.from({ length: 35 }, (_, index) => index + 1);

  it('is read in small ones, until the newest runs are read', async () => {
    await using server = await openScripted(({ url, headers: { host } }) => {
      if (!url.includes('status=queued')) return quiet(url);
      if (url.includes('per_page=100')) return { status: 502, body: { message: 'Server Error' } };
      const second = url.includes('page=2');
      return {
        headers: second ? {} : { link: `<http://${host}${url}&page=2>; rel="next"` },
        body: { total_count: 35, workflow_runs: (second ? ids.slice(30) : ids.slice(0, 30)).map(run) },
      };
    });
    const { github } = clientOf(server.url);
    const pages = async (): Promise<readonly string[]> => {
      const before = server.lines().length;
      expect((await readRuns(github)).runs.map(({ id }) => id)).toEqual(ids);
      return server
        .lines()
        .slice(before)
        .map((line) => line.replace(/.*per_page/, 'per_page'));
    };
    const small = ['per_page=30', 'per_page=30&page=2'];
    expect(await pages()).toEqual(['per_page=100', ...small]);
    expect(await pages()).toEqual(small);
    await readRuns(github, 'newest');
    expect(await pages()).toEqual(['per_page=100', ...small]);
  });
});

it('reads a list again that lost an entry between two pages', async () => {
  await using server = await openScripted(({ url, headers: { host } }, nth) => {
    const runner = (id: number): object => ({ id, name: `r${id}`, status: 'online', busy: false });
    if (url.includes('page=2'))
      return { body: { total_count: 3, runners: nth === 1 ? [runner(3)] : [runner(2), runner(3)] } };
    return {
      headers: { link: `<http://${host}${url.replace('per_page=100', 'page=2')}>; rel="next"` },
      body: { total_count: 3, runners: [runner(1)] },
    };
  });
  const { github } = clientOf(server.url);
  const { runners } = await readRunners(github);
  expect(runners.map(({ id }) => id)).toEqual([1, 3, 2]);
  expect(server.seen).toHaveLength(4);
});

describe('jobs of a run', () => {
  it.each<{ name: string; reply: ScriptedReply; code: GithubErrorCode; says: RegExp }>([
    {
      name: 'that are not what they should be are unread, all of them',
      reply: { body: { total_count: 2, jobs: [job(21, 2), { ...job(22, 2), labels: 'a' }] } },
      code: 'unexpected',
      says: /^cannot list the jobs of run 2 of o\/r: .* jobs\.1\.labels: /,
    },
    {
      name: 'that does not exist are told from those that cannot be read',
      reply: { status: 404, body: { message: 'Not Found' } },
      code: 'not-found',
      says: /^cannot list the jobs of run 2 of o\/r: .* 404/,
    },
  ])('$name', async ({ reply, code, says }) => {
    await using server = await openScripted(() => reply);
    const { github } = clientOf(server.url);
    const error = await failureOf(readJobs(github, 2));
    expect(error.message).toMatch(says);
    expect(error.code).toBe(code);
    expect(server.lines()).toEqual(['GET /repos/o/r/actions/runs/2/jobs?filter=latest&per_page=100']);
  });
});

it('says which permission runners need', async () => {
  await using server = await openScripted(() => ({
    status: 403,
    body: { message: 'Must have admin rights' },
  }));
  const { github } = clientOf(server.url);
  expect((await failureOf(readRunners(github))).message).toContain('Administration: read');
});

it('ends at once when it is called off', async () => {
  const stop = new AbortController();
  await using server = await openScripted(() => {
    setImmediate(() => stop.abort());
    return 'hang';
  });
  const { github } = clientOf(server.url, {}, { requestTimeout: 60_000 });
  const error = await failureOf(github.read({ kind: 'runners', scope: 'o/r' }, 'list', stop.signal));
  expect(error.message).toBe('cannot list the runners of o/r: given up: called off');
  expect(server.seen).toHaveLength(1);
});

it('names nobody to ask when nobody listens', async () => {
  const url = await (async () => {
    await using server = await openScripted(() => ({}));
    return server.url;
  })();
  const { github } = clientOf(url);
  const { code, message } = await failureOf(readRuns(github));
  expect(message).toContain('ECONNREFUSED');
  expect(code).toBe('unreachable');
});
