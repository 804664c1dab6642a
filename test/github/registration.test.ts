import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { openScripted } from '../support/scripted-server.ts';
import type { ScriptedReply } from '../support/scripted-server.ts';
import { clientOf, failureOf, IMPATIENT, never, openSimulator, sealed, TOKEN } from './support.ts';

const order = { scope: 'o/r', runnerName: 'ci-j1-7f2ak3x9', labels: ['self-hosted', 'nix', 'x64'] };
const listed = { id: 7, name: order.runnerName, status: 'offline', busy: false };
const BASE = '/repos/o/r/actions/runners';
const FIND = `GET ${BASE}?name=${order.runnerName}&per_page=100`;
const JIT = `POST ${BASE}/generate-jitconfig`;

describe('just in time', () => {
  it('registers under the name, with every label, and seals the configuration', async () => {
    await using simulator = await openSimulator();
    const { github } = clientOf(simulator.url);
    const { runnerId, credential } = await github.register(order, never());
    const runner = simulator.state().runners.find(({ name }) => name === order.runnerName);
    expect(runner?.id).toBe(runnerId);
    const opened = JSON.parse(credential.reveal()) as Record<string, unknown>;
    expect(opened).toEqual({
      version: 1,
      mode: 'jit',
      jitConfig: expect.stringMatching(/^[\w+/=-]{40,}$/) as string,
    });
    expect(`${inspect(credential)} ${JSON.stringify({ credential })}`).toBe(
      '[redacted] {"credential":"[redacted]"}',
    );
  });

  it('sends what the description asks for', async () => {
    await using server = await openScripted(() => ({
      status: 201,
      body: { runner: { ...listed, os: 'unknown', labels: [] }, encoded_jit_config: 'abc' },
    }));
    const { github } = clientOf(`${server.url}/api/v3/`);
    await github.register(order, never());
    expect(server.lines()).toEqual([`POST /api/v3${BASE}/generate-jitconfig`]);
    expect(server.seen[0]?.body).toEqual({
      name: order.runnerName,
      runner_group_id: 1,
      labels: order.labels,
      work_folder: '_work',
    });
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'runner-controller/9.9.9',
      'x-github-api-version': '2022-11-28',
      accept: 'application/vnd.github+json',
    });
  });

  it('removes the runner that holds the name, and asks for a new one', async () => {
    await using simulator = await openSimulator();
    const { github } = clientOf(simulator.url);
    const { runnerId } = await github.register(order, never());
    const error = await failureOf(github.register(order, never()));
    expect(error.code).toBe('lost');
    expect(error.message).toBe(
      `cannot register the runner ${order.runnerName} for o/r: GitHub answers 409 "Already exists - A runner with the name *** already exists."; it had been made as runner ${runnerId} and was removed; go on with a new name`,
    );
    expect(simulator.state().runners).toEqual([]);
  });

  it.each([
    { fault: { status: 502 } },
    { fault: { reset: true } },
    { fault: { hang: true } },
    { fault: { body: '{"runner":' } },
  ])('removes what a write made whose answer was lost: $fault', async ({ fault }) => {
    await using simulator = await openSimulator();
    simulator.addFaults([{ method: 'POST', path: 'generate-jitconfig', after: true, count: 1, ...fault }]);
    const { github } = clientOf(simulator.url, {}, 'hang' in fault ? IMPATIENT : {});
    const error = await failureOf(github.register(order, never()));
    expect(error.code).toBe('lost');
    expect(error.message).toMatch(/; it had been made as runner \d+ and was removed; go on with a new name$/);
    expect(simulator.state().runners).toEqual([]);
    expect(simulator.history.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  });
});

/** What the registration is answered with, what a search for the name finds, and what follows. */
interface Row {
  readonly name: string;
  readonly reply: ScriptedReply;
  readonly found?: object;
  readonly removal?: ScriptedReply;
  readonly code: string;
  readonly says: RegExp;
  readonly asked: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: '500 without effect: looked up three times, not repeated',
    reply: { status: 500, body: { message: 'Server Error' } },
    code: 'lost',
    says: /500 "Server Error"; GitHub lists no runner of this name; go on with a new name$/,
    asked: [JIT, FIND, FIND, FIND],
  },
  {
    name: 'the runner is online: left alone',
    reply: { status: 409, body: { message: 'Already exists' } },
    found: { ...listed, status: 'online' },
    code: 'lost',
    says: /a runner of this name \(7\) is at work and was left alone/,
    asked: [JIT, FIND],
  },
  {
    name: 'the runner is busy: left alone',
    reply: { status: 409, body: { message: 'Already exists' } },
    found: { ...listed, busy: true },
    code: 'lost',
    says: /is at work and was left alone/,
    asked: [JIT, FIND],
  },
  {
    name: 'the removal is refused as busy',
    reply: { status: 503, body: { message: 'down' } },
    found: listed,
    removal: { status: 422, body: { message: 'Runner x is currently running a job and cannot be deleted.' } },
    code: 'lost',
    says: /it had been made as runner 7 and GitHub now calls it busy: it was left alone; go on/,
    asked: [JIT, FIND, `DELETE ${BASE}/7`],
  },
  {
    name: 'the removal fails: said, not repeated',
    reply: { status: 503, body: { message: 'down' } },
    found: listed,
    removal: { status: 500, body: { message: 'also down' } },
    code: 'lost',
    says: /it had been made as runner 7 and may still exist: cannot delete the runner 7 of o\/r: GitHub answers 500 "also down"; go on/,
    asked: [JIT, FIND, `DELETE ${BASE}/7`],
  },
  {
    name: 'another runner is found by a name that is only alike',
    reply: 'reset',
    found: { ...listed, name: `${order.runnerName}-2` },
    code: 'lost',
    says: /GitHub lists no runner of this name/,
    asked: [JIT, FIND, FIND, FIND],
  },
  {
    name: 'an answer of another shape',
    reply: { status: 201, body: { runner: { id: 7 } } },
    found: listed,
    removal: { status: 204 },
    code: 'lost',
    says: /not what it should be: encoded_jit_config: .*; it had been made as runner 7 and was removed/,
    asked: [JIT, FIND, `DELETE ${BASE}/7`],
  },
  {
    name: '401',
    reply: { status: 401, body: { message: 'Bad credentials' } },
    code: 'unauthorized',
    says: /401 "Bad credentials": the token is wrong/,
    asked: [JIT],
  },
  {
    name: '403',
    reply: {
      status: 403,
      headers: { 'x-accepted-github-permissions': 'administration=write' },
      body: { message: 'Resource not accessible by personal access token' },
    },
    code: 'forbidden',
    says: /the token needs repository permission Administration: write.* \(GitHub asks for administration=write\) on o\/r/,
    asked: [JIT],
  },
  {
    name: '404',
    reply: { status: 404, body: { message: 'Not Found' } },
    code: 'not-found',
    says: /check that o\/r exists under this name and that the token may see it .*Administration: write/,
    asked: [JIT],
  },
  {
    name: '422',
    reply: { status: 422, body: { message: 'Validation Failed', errors: ['labels: too many'] } },
    code: 'refused',
    says: /422 "Validation Failed; labels: too many"$/,
    asked: [JIT],
  },
  {
    name: '429',
    reply: { status: 429, headers: { 'retry-after': '5' }, body: { message: 'slow down' } },
    code: 'rate-limited',
    says: /GitHub limits us until .*: 429 "slow down"$/,
    asked: [JIT],
  },
  {
    name: 'a moved repository',
    reply: { status: 307, headers: { location: '/repositories/1/actions/runners/generate-jitconfig' } },
    code: 'refused',
    says: /redirected \(307\) to \/repositories\/1\/.*: o\/r was renamed or moved, and writes do not follow; configure its new name$/,
    asked: [JIT],
  },
];

describe('a registration that fails is never repeated', () => {
  it.each(rows)('$name', async ({ reply, found, removal, code, says, asked }) => {
    await using server = await openScripted(({ method }) => {
      if (method === 'POST') return reply;
      if (method === 'DELETE') return removal ?? { status: 500 };
      return {
        body: { total_count: found === undefined ? 0 : 1, runners: found === undefined ? [] : [found] },
      };
    });
    const { github } = clientOf(server.url);
    const error = await failureOf(github.register(order, never()));
    expect(error.message).toMatch(says);
    expect(error.code).toBe(code);
    expect(server.lines()).toEqual(asked);
  });

  it('is not looked up when nobody can have heard it', async () => {
    const url = await (async () => {
      await using server = await openScripted(() => ({}));
      return server.url;
    })();
    const { github } = clientOf(url);
    const error = await failureOf(github.register(order, never()));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('by registration token', () => {
  it('shares one token among all runners until five minutes before its end', async () => {
    await using simulator = await openSimulator();
    const { github, clock } = clientOf(simulator.url, { registration: 'token' });
    const names = ['a', 'b', 'c'];
    const made = await Promise.all(
      names.map((runnerName) => github.register({ ...order, runnerName }, never())),
    );
    expect(made.map(({ runnerId }) => runnerId)).toEqual([null, null, null]);
    const opened = made.map(({ credential }) => JSON.parse(credential.reveal()) as Record<string, unknown>);
    expect(opened[0]).toEqual({
      version: 1,
      mode: 'token',
      url: `${simulator.url}/o/r`,
      token: expect.stringMatching(/^\w{20,}$/) as string,
      name: 'a',
      labels: order.labels,
      group: 'Default',
    });
    expect(new Set(opened.map(({ token }) => token)).size).toBe(1);
    clock.advance(54 * 60_000);
    await github.register(order, never());
    expect(simulator.history.requests).toHaveLength(1);
    clock.advance(2 * 60_000);
    await github.register(order, never());
    expect(simulator.history.requests).toHaveLength(2);
  });

  it('gets another token for another credential', async () => {
    await using simulator = await openSimulator();
    let generation = 1;
    const readToken = (): { token: ReturnType<typeof sealed>; generation: number } => ({
      token: sealed(TOKEN),
      generation,
    });
    const { github } = clientOf(simulator.url, { registration: 'token', readToken });
    await github.register(order, never());
    generation = 2;
    await github.register(order, never());
    expect(simulator.history.requests).toHaveLength(2);
  });

  it.each([
    { apiUrl: '/api/v3', webUrl: undefined, url: '' },
    { apiUrl: '', webUrl: 'https://github.example/', url: 'https://github.example' },
  ])('names the site that the API at $apiUrl belongs to', async ({ apiUrl, webUrl, url }) => {
    await using server = await openScripted(() => ({
      status: 201,
      body: { token: 'abc', expires_at: '2099-01-01T00:00:00.000-08:00' },
    }));
    const { github } = clientOf(`${server.url}${apiUrl}`, { registration: 'token', webUrl });
    const { credential } = await github.register(order, never());
    expect(JSON.parse(credential.reveal())).toMatchObject({ url: `${url === '' ? server.url : url}/o/r` });
  });

  it('fails without a read-back, as no runner was named', async () => {
    await using server = await openScripted(() => ({ status: 503, body: { message: 'down' } }));
    const { github } = clientOf(server.url, { registration: 'token' });
    const errors = await Promise.all(
      ['a', 'b'].map((runnerName) => failureOf(github.register({ ...order, runnerName }, never()))),
    );
    expect(errors.map(({ code }) => code)).toEqual(['unreachable', 'unreachable']);
    expect(errors[0]?.message).toBe('cannot get a registration token for o/r: GitHub answers 503 "down"');
    expect(server.lines()).toEqual([`POST ${BASE}/registration-token`]);
  });

  it('lets one who waits for the token go without ending the wait of the others', async () => {
    await using simulator = await openSimulator();
    simulator.addFaults([{ path: 'registration-token', delayMs: 50 }]);
    const stop = new AbortController();
    const { github } = clientOf(simulator.url, { registration: 'token' });
    const first = failureOf(github.register(order, stop.signal));
    const second = github.register(order, never());
    stop.abort();
    expect((await first).message).toBe('cannot get a registration token for o/r: given up: called off');
    expect((await second).runnerId).toBeNull();
    expect(simulator.history.requests).toHaveLength(1);
  });
});
