import { describe, expect, it } from 'vitest';

import { openScripted } from '../support/scripted-server.ts';
import type { ScriptedReply } from '../support/scripted-server.ts';
import { clientOf, IMPATIENT, isRunList, never, quiet } from './support.ts';

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

/** A sentence, what every run list is answered with, and what the look then says and how often it asked. */
interface Row {
  readonly name: string;
  readonly reply: ScriptedReply;
  readonly says: RegExp;
  readonly tries: number;
}

const rows: readonly Row[] = [
  {
    name: '401: the token is to be replaced',
    reply: { status: 401, body: { message: 'Bad credentials', status: '401' } },
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
    says: /the token is not authorised for the single sign-on of o\/r's organisation/,
    tries: 1,
  },
  {
    name: '404: the name or the sight of it',
    reply: { status: 404, body: { message: 'Not Found' } },
    says: /404 "Not Found": check that o\/r exists under this name and that the token may see it \(repository permission Actions: read/,
    tries: 1,
  },
  {
    name: '422: the words and the details',
    reply: {
      status: 422,
      body: { message: 'Validation Failed', errors: ['no such status', { code: 'invalid' }] },
    },
    says: /422 "Validation Failed; no such status; \{"code":"invalid"\}"$/,
    tries: 1,
  },
  {
    name: '500: tried three times',
    reply: { status: 500, body: { message: 'Server Error' } },
    says: /GitHub answers 500 "Server Error"$/,
    tries: 3,
  },
  {
    name: '503 with a page for people',
    reply: { status: 503, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><p>unicorn' },
    says: /GitHub answers 503 "an HTML page"$/,
    tries: 3,
  },
  {
    name: 'a reset connection',
    reply: 'reset',
    says: /cannot list the \w+ runs of o\/r: (read ECONNRESET|other side closed)$/,
    tries: 3,
  },
  {
    name: 'a connection cut in mid-answer',
    reply: 'cut',
    says: /cannot list the \w+ runs of o\/r: (other side closed|aborted|terminated)$/,
    tries: 3,
  },
  {
    name: 'a hang',
    reply: 'hang',
    says: /cannot list the \w+ runs of o\/r: no answer: not over after 0\.5 s$/,
    tries: 3,
  },
  {
    name: 'broken JSON',
    reply: { body: '{"total_count": 0, "workflow_runs": [' },
    says: /GitHub's answer is not what it should be: no JSON$/,
    tries: 1,
  },
  {
    name: 'no body',
    reply: { body: '' },
    says: /GitHub's answer is not what it should be: no JSON$/,
    tries: 1,
  },
  {
    name: 'another shape',
    reply: { body: { total_count: 1, workflow_runs: [{ id: 'seven', status: 'queued' }] } },
    says: /not what it should be: workflow_runs\.0\.id: Invalid input: expected number, received string$/,
    tries: 1,
  },
  {
    name: 'an id that a number cannot hold',
    reply: { body: '{"total_count":1,"workflow_runs":[{"id":9007199254740993,"status":"queued"}]}' },
    says: /not what it should be: workflow_runs\.0\.id: /,
    tries: 1,
  },
];

it('serves the runs of a list that GitHub cuts, and says that there are more', async () => {
  await using server = await openScripted(({ url }) => {
    if (url.includes('status=queued')) return { body: { total_count: 5, workflow_runs: [run(1)] } };
    if (url.includes('/runs/1/')) return { body: { total_count: 1, jobs: [job(11, 1)] } };
    return quiet(url);
  });
  const { jobs, unread } = await clientOf(server.url).github.observe(never());
  expect(jobs.map(({ id }) => id)).toEqual([11]);
  expect(unread).toEqual([
    {
      scope: 'o/r',
      what: 'jobs',
      runId: null,
      why: 'cannot list the queued runs of o/r: GitHub counts 5 and lists 1',
    },
  ]);
});

describe('run lists that cannot be read leave the poll without its jobs, and say why', () => {
  it.each(rows)('$name', async ({ reply, says, tries }) => {
    await using server = await openScripted(({ url }) => (isRunList(url) ? reply : quiet(url)));
    const { github, clock } = clientOf(server.url, {}, reply === 'hang' ? IMPATIENT : {});
    const look = await github.observe(never());
    expect(look.jobs).toEqual([]);
    expect(look.unread).toEqual([
      { scope: 'o/r', what: 'jobs', runId: null, why: expect.stringMatching(says) as string },
    ]);
    expect(look.trouble).toEqual({ kind: 'github-unreachable', why: look.unread[0]?.why });
    expect(server.lines().filter((line) => line.includes('status=queued'))).toHaveLength(tries);
    // Four lists were read, each with its own waits of 250 and 500 ms.
    expect(clock.slept.length).toBe(4 * (tries - 1));
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
    const { trouble } = await github.observe(never());
    const asked = server.seen.length;
    expect(trouble).toMatchObject({ kind: 'rate-limited', why: expect.stringContaining(message) as string });
    const until = trouble?.kind === 'rate-limited' ? trouble.until : 0;
    expect(Math.abs(until - (now + wait))).toBeLessThan(1_500);
    const order = { scope: 'o/r', runnerName: 'n', labels: ['a'] };
    await expect(github.register(order, never())).rejects.toMatchObject({
      code: 'rate-limited',
      retryAt: until,
    });
    await expect(github.findRunner('o/r', 'n', never())).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(github.deregister('o/r', 1, never())).rejects.toMatchObject({ code: 'rate-limited' });
    expect(server.seen.length).toBe(asked);
    expect(clock.slept).toEqual([]);
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
    clock.advance(wait + 1_000);
    await github.observe(never());
    expect(server.seen.length).toBeGreaterThan(asked);
  });

  it('waits longer each time that GitHub does not say how long', async () => {
    await using server = await openScripted(() => ({ status: 429, body: { message: 'slow down' } }));
    const { github, clock } = clientOf(server.url);
    const waits: number[] = [];
    for (let looks = 0; looks < 6; looks += 1) {
      const { trouble, askedAt } = await github.observe(never());
      const until = trouble?.kind === 'rate-limited' ? trouble.until : 0;
      waits.push((until - askedAt) / 60_000);
      clock.advance(until - askedAt);
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
      const { trouble, askedAt } = await github.observe(never());
      const until = trouble?.kind === 'rate-limited' ? trouble.until : askedAt;
      waits.push((until - askedAt) / 60_000);
      clock.advance(until - askedAt);
    }
    expect(waits).toEqual(is);
  });
});

it('does not take in an answer without end', async () => {
  await using server = await openScripted(({ url }) =>
    isRunList(url) ? { body: 'x'.repeat(5_000) } : quiet(url),
  );
  const { github } = clientOf(server.url, {}, { bodySize: 4_000 });
  expect((await github.observe(never())).unread[0]?.why).toMatch(/: the answer is larger than 4000 bytes$/);
});

it('goes on after a failure that passes', async () => {
  await using server = await openScripted(({ url }, nth) =>
    nth < 3 && isRunList(url) ? { status: 500, body: {} } : quiet(url),
  );
  const { github, clock } = clientOf(server.url);
  expect(await github.observe(never())).toMatchObject({ unread: [], trouble: null });
  expect([...clock.slept].sort((a, b) => a - b)).toEqual([250, 250, 250, 250, 500, 500, 500, 500]);
});

it('asks for small pages when GitHub cannot make large ones', async () => {
  const ids = Array.from({ length: 35 }, (_, index) => index + 1);
  await using server = await openScripted(({ url, headers: { host } }) => {
    if (!url.includes('status=queued') && !url.includes('/jobs?')) return quiet(url);
    if (url.includes('per_page=100')) return { status: 502, body: { message: 'Server Error' } };
    if (url.includes('/jobs?')) return { body: { total_count: 0, jobs: [] } };
    const second = url.includes('page=2');
    return {
      headers: second ? {} : { link: `<http://${host}${url}&page=2>; rel="next"` },
      body: { total_count: 35, workflow_runs: (second ? ids.slice(30) : ids.slice(0, 30)).map(run) },
    };
  });
  const { github } = clientOf(server.url);
  expect(await github.observe(never())).toMatchObject({ unread: [], trouble: null });
  const queued = server.lines().filter((line) => line.includes('status=queued'));
  expect(queued.map((line) => line.replace(/.*per_page/, 'per_page'))).toEqual([
    'per_page=100',
    'per_page=30',
    'per_page=30&page=2',
  ]);
  await github.observe(never());
  expect(
    server
      .lines()
      .filter((line) => line.includes('status=queued'))
      .slice(3),
  ).toHaveLength(2);
});

it('reads a list again that lost an entry between two pages', async () => {
  await using server = await openScripted(({ url, headers: { host } }, nth) => {
    if (!url.includes('/runners')) return quiet(url);
    const runner = (id: number): object => ({ id, name: `r${id}`, status: 'online', busy: false });
    if (url.includes('page=2'))
      return { body: { total_count: 3, runners: nth === 1 ? [runner(3)] : [runner(2), runner(3)] } };
    return {
      headers: { link: `<http://${host}${url.replace('per_page=100', 'page=2')}>; rel="next"` },
      body: { total_count: 3, runners: [runner(1)] },
    };
  });
  const { github } = clientOf(server.url);
  const { runners } = await github.observe(never());
  expect(runners.map(({ id }) => id)).toEqual([1, 3, 2]);
  expect(server.lines().filter((line) => line.includes('/runners'))).toHaveLength(4);
});

it('leaves one run unread when its jobs are, and goes on with the others', async () => {
  await using server = await openScripted(({ url }) => {
    if (url.includes('status=queued'))
      return { body: { total_count: 3, workflow_runs: [run(3), run(2), run(1)] } };
    if (url.includes('/runs/1/')) return { body: { total_count: 1, jobs: [job(11, 1)] } };
    if (url.includes('/runs/2/'))
      return { body: { total_count: 2, jobs: [job(21, 2), { ...job(22, 2), labels: 'a' }] } };
    return url.includes('/runs/3/') ? { status: 404, body: { message: 'Not Found' } } : quiet(url);
  });
  const { github } = clientOf(server.url, {}, { concurrency: 1 });
  const look = await github.observe(never());
  expect(look.jobs.map(({ id }) => id)).toEqual([11]);
  expect(look.trouble).toBeNull();
  expect(look.unread).toEqual([
    {
      scope: 'o/r',
      what: 'jobs',
      runId: 2,
      why: expect.stringMatching(/jobs of run 2 of o\/r: .* jobs\.1\.labels: /) as string,
    },
    {
      scope: 'o/r',
      what: 'jobs',
      runId: 3,
      why: expect.stringMatching(/jobs of run 3 of o\/r: .* 404/) as string,
    },
  ]);
  const jobsAsked = server.lines().filter((line) => line.includes('/jobs?'));
  expect(jobsAsked.map((line) => Number(/runs\/(\d)/.exec(line)?.[1]))).toEqual([1, 2, 3]);
});

it('believes that a run is gone the second time it is told', async () => {
  let listed = true;
  await using server = await openScripted(({ url }) => {
    if (url.includes('status=queued') && listed) return { body: { total_count: 1, workflow_runs: [run(1)] } };
    return url.includes('/jobs?') ? { status: 404, body: { message: 'Not Found' } } : quiet(url);
  });
  const { github } = clientOf(server.url);
  expect((await github.observe(never())).unread).toHaveLength(1);
  listed = false;
  expect((await github.observe(never())).unread).toHaveLength(1);
  expect((await github.observe(never())).unread).toEqual([]);
});

it('says when only the runners are unread', async () => {
  await using server = await openScripted(({ url }) =>
    url.includes('/runners') ? { status: 403, body: { message: 'Must have admin rights' } } : quiet(url),
  );
  const { github } = clientOf(server.url);
  const look = await github.observe(never());
  expect(look.unread).toEqual([
    {
      scope: 'o/r',
      what: 'runners',
      runId: null,
      why: expect.stringContaining('Administration: read') as string,
    },
  ]);
  expect(look.trouble).toBeNull();
});

it('finds a queued run that the filtered lists lack', async () => {
  await using server = await openScripted(({ url }) => {
    if (url.includes('/jobs?')) return { body: { total_count: 1, jobs: [job(11, 1)] } };
    const isFiltered = url.includes('status=');
    return isRunList(url) && !isFiltered
      ? { body: { total_count: 2, workflow_runs: [run(1), { id: 2, status: 'completed' }] } }
      : quiet(url);
  });
  const { github } = clientOf(server.url);
  expect((await github.observe(never())).jobs.map(({ id }) => id)).toEqual([11]);
});

it('ends a poll in its time, and reads first the next time what it did not reach', async () => {
  let slow = true;
  await using server = await openScripted(({ url }) => {
    if (url.includes('status=queued')) return { body: { total_count: 2, workflow_runs: [run(1), run(2)] } };
    if (url.includes('/runs/1/')) return { body: { total_count: 1, jobs: [job(11, 1)] } };
    if (!url.includes('/runs/2/')) return quiet(url);
    return slow ? 'hang' : { body: { total_count: 1, jobs: [job(21, 2)] } };
  });
  const { github } = clientOf(
    server.url,
    {},
    { concurrency: 1, requestTimeout: 60_000, observationBudget: 2_000 },
  );
  const first = await github.observe(never());
  // A busy machine may not get to the first run either.
  const unread = [1, 2].filter((id) => first.unread.some(({ runId }) => runId === id));
  expect(unread).toContain(2);
  expect(first.unread).toHaveLength(unread.length);
  expect(first.jobs.map(({ id }) => id)).toEqual(unread.includes(1) ? [] : [11]);
  expect(first.unread.find(({ runId }) => runId === 2)?.why).toContain('given up: not over after 2 s');
  slow = false;
  const asked = server.lines().length;
  let second = await github.observe(never());
  const order = server
    .lines()
    .slice(asked)
    .filter((line) => line.includes('/jobs?'));
  expect(order.map((line) => Number(/runs\/(\d)/.exec(line)?.[1])).slice(0, unread.length)).toEqual(unread);
  while (second.unread.length > 0) second = await github.observe(never());
  expect(new Set(second.jobs.map(({ id }) => id))).toEqual(new Set([11, 21]));
});

it('ends at once when it is called off', async () => {
  const stop = new AbortController();
  await using server = await openScripted(() => {
    setImmediate(() => stop.abort());
    return 'hang';
  });
  const { github } = clientOf(server.url, {}, { requestTimeout: 60_000 });
  const look = await github.observe(stop.signal);
  expect(look.unread.map(({ what }) => what).sort()).toEqual(['jobs', 'runners']);
  expect(look.unread[0]?.why).toContain('given up: called off');
});

it('names nobody to ask when nobody listens', async () => {
  const url = await (async () => {
    await using server = await openScripted(() => ({}));
    return server.url;
  })();
  const { github } = clientOf(url);
  const { trouble } = await github.observe(never());
  expect(trouble).toMatchObject({
    kind: 'github-unreachable',
    why: expect.stringContaining('ECONNREFUSED') as string,
  });
});

describe('two scopes', () => {
  const options = { scopes: ['o/dead', 'o/r'] };
  const dead = { status: 502, body: { message: 'Bad Gateway' } };

  it('one whose runs cannot be read is no trouble of the other', async () => {
    await using server = await openScripted(({ url }) => {
      if (url.includes('/o/dead/') && isRunList(url)) return dead;
      if (url.includes('/o/r/actions/runs/7/jobs')) return { body: { total_count: 1, jobs: [job(70, 7)] } };
      if (url.includes('/o/r/') && url.includes('status=queued'))
        return { body: { total_count: 1, workflow_runs: [run(7)] } };
      return quiet(url);
    });
    const { github } = clientOf(server.url, options);
    const look = await github.observe(never());
    expect(look.trouble).toBeNull();
    expect(look.unread).toMatchObject([{ scope: 'o/dead', what: 'jobs', runId: null }]);
    expect(look.jobs.map(({ id, scope }) => ({ id, scope }))).toEqual([{ id: 70, scope: 'o/r' }]);
  });

  it('that both cannot be read is trouble', async () => {
    await using server = await openScripted(({ url }) => (isRunList(url) ? dead : quiet(url)));
    const { github } = clientOf(server.url, options);
    const look = await github.observe(never());
    expect(look.unread.map(({ scope }) => scope)).toEqual(options.scopes);
    expect(look.trouble).toEqual({ kind: 'github-unreachable', why: look.unread[1]?.why });
  });
});
