import { describe, expect, it } from 'vitest';

import { openScripted } from '../support/scripted-server.ts';
import type { ScriptedReply } from '../support/scripted-server.ts';
import { clientOf, failureOf, IMPATIENT, never, openSimulator, quiet } from './support.ts';

const order = { scope: 'o/r', runnerName: 'ci-j1-7f2ak3x9', labels: ['a'] };
const DELETE = 'DELETE /repos/o/r/actions/runners/7';
const LIST = 'GET /repos/o/r/actions/runners?per_page=100';

describe('deregister', () => {
  it('takes any 422 for a refusal, whatever its words', async () => {
    const reply = { status: 422, body: { message: 'Runner is busy right now' } };
    await using server = await openScripted(() => reply);
    const { github } = clientOf(server.url);
    expect(await github.deregister('o/r', 7, never())).toBe('busy');
  });

  it('calls a runner gone that it removed, and one that was gone', async () => {
    await using simulator = await openSimulator();
    const { github } = clientOf(simulator.url);
    const { runnerId } = await github.register(order, never());
    expect(await github.deregister('o/r', runnerId ?? 0, never())).toBe('gone');
    expect(await github.deregister('o/r', runnerId ?? 0, never())).toBe('gone');
  });

  it.each<{
    name: string;
    reply: ScriptedReply;
    list?: ScriptedReply;
    code: string;
    says: RegExp;
    asked: string[];
  }>([
    {
      name: '404 of a repository out of sight is no "gone"',
      reply: { status: 404, body: { message: 'Not Found' } },
      list: { status: 404, body: { message: 'Not Found' } },
      code: 'not-found',
      says: /cannot list the runners of o\/r: .* check that o\/r exists/,
      asked: [DELETE, LIST],
    },
    {
      name: '500 is not repeated',
      reply: { status: 500, body: { message: 'Server Error' } },
      code: 'unreachable',
      says: /500 "Server Error"$/,
      asked: [DELETE],
    },
    {
      name: 'a reset is not repeated',
      reply: 'reset',
      code: 'unreachable',
      says: /cannot delete/,
      asked: [DELETE],
    },
    {
      name: 'a hang is not repeated',
      reply: 'hang',
      code: 'unreachable',
      says: /no answer: not over after 0\.5 s$/,
      asked: [DELETE],
    },
    {
      name: 'a 202 is a promise, and not done',
      reply: { status: 202, body: {} },
      code: 'unexpected',
      says: /202/,
      asked: [DELETE],
    },
    {
      name: '304 is no answer to a write',
      reply: { status: 304 },
      code: 'unexpected',
      says: /304/,
      asked: [DELETE],
    },
    {
      name: 'a redirect is not followed',
      reply: { status: 301, headers: { location: '/elsewhere' } },
      code: 'refused',
      says: /redirected \(301\) to \/elsewhere/,
      asked: [DELETE],
    },
  ])('$name', async ({ reply, list, code, says, asked }) => {
    await using server = await openScripted(({ method }) => (method === 'DELETE' ? reply : (list ?? {})));
    const { github } = clientOf(server.url, {}, reply === 'hang' ? IMPATIENT : {});
    const error = await failureOf(github.deregister('o/r', 7, never()));
    expect(error.message).toMatch(says);
    expect(error.code).toBe(code);
    expect(server.lines()).toEqual(asked);
  });

  it('calls a runner busy when GitHub says that it runs a job', async () => {
    await using server = await openScripted(() => ({
      status: 422,
      body: { message: 'Bad request - Runner "x" is currently running a job and cannot be deleted.' },
    }));
    const { github } = clientOf(server.url);
    expect(await github.deregister('o/r', 7, never())).toBe('busy');
  });
});

describe('findRunner', () => {
  it('finds the runner of exactly this name', async () => {
    await using simulator = await openSimulator();
    const { github } = clientOf(simulator.url);
    const { runnerId } = await github.register(order, never());
    expect(await github.findRunner('o/r', order.runnerName, never())).toEqual({
      id: runnerId,
      name: order.runnerName,
      scope: 'o/r',
      online: false,
      busy: false,
    });
    expect(await github.findRunner('o/r', 'ci-j1', never())).toBeNull();
  });

  it('looks through every page, as the filter need not be exact', async () => {
    const runner = (id: number, name: string): object => ({ id, name, status: 'online', busy: true });
    await using server = await openScripted(({ url }) =>
      url.includes('page=2')
        ? { body: { total_count: 3, runners: [runner(2, 'x')] } }
        : {
            headers: { link: `<${server.url}/repositories/1/actions/runners?name=x&page=2>; rel="next"` },
            body: { total_count: 3, runners: [runner(1, 'X'), runner(3, 'x2')] },
          },
    );
    const { github } = clientOf(server.url);
    expect(await github.findRunner('o/r', 'x', never())).toMatchObject({ id: 2, online: true, busy: true });
  });

  it('says that it does not know rather than null', async () => {
    await using server = await openScripted(() => ({ body: { message: 'hello' } }));
    const { github } = clientOf(server.url);
    expect((await failureOf(github.findRunner('o/r', 'x', never()))).code).toBe('unexpected');
  });
});

describe('cleanup has points of its own', () => {
  /** A minute in which the others may spend nothing. */
  const busy = { pointsPerMinute: 10, floors: { observation: 0, registration: 0, cleanup: 10 } };

  it.each([
    { what: 'deletes', call: 'deregister' },
    { what: 'looks for', call: 'findRunner' },
  ] as const)('$what a runner in a minute that has nothing left for others', async ({ call }) => {
    await using server = await openScripted(({ method, url }) =>
      method === 'DELETE' ? { status: 204 } : quiet(url),
    );
    const { github, clock } = clientOf(server.url, {}, busy);
    await (call === 'deregister'
      ? github.deregister('o/r', 7, never())
      : github.findRunner('o/r', 'x', never()));
    expect(server.seen).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });
});
