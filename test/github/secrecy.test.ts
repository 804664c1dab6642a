import { inspect } from 'node:util';
import { expect, it } from 'vitest';

import { openScripted } from '../support/scripted-server.ts';
import type { ScriptedReply } from '../support/scripted-server.ts';
import { clientOf, failureOf, IMPATIENT, never, readRuns, sealed } from './support.ts';

const SECRET = 'ghp_verysecretverysecretverysecret';
const order = { scope: 'o/r', runnerName: 'x', labels: ['a'] };

const replies: readonly ScriptedReply[] = [
  'reset',
  'hang',
  'cut',
  { status: 401, body: { message: 'Bad credentials' } },
  { status: 403, body: { message: 'no' } },
  { status: 404, body: { message: 'no' } },
  { status: 422, body: { message: 'no' } },
  { status: 429, body: { message: 'no' } },
  { status: 500, body: 'no' },
  { status: 302, headers: { location: 'http://127.0.0.2:1/' } },
  { status: 200, headers: { 'content-type': ';;;' }, body: '{' },
  { status: 201, body: {} },
];

it.each(replies)('keeps the token out of errors and logs: %j', async (reply) => {
  await using server = await openScripted(() => reply);
  const readToken = (): { token: ReturnType<typeof sealed>; generation: number } => ({
    token: sealed(SECRET),
    generation: 1,
  });
  const { github, logged } = clientOf(server.url, { readToken }, reply === 'hang' ? IMPATIENT : {});
  const unread = await failureOf(readRuns(github));
  const error = await failureOf(github.register(order, never()));
  const shown = inspect([unread, error, logged], { depth: 20, showHidden: true });
  expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  expect(shown).not.toContain('ghp_');
  expect(JSON.stringify([unread, error, logged])).not.toContain('ghp_');
});

it.each(['ghp_two\nlines', '', 'ghp_ü'])('refuses the token %j without quoting it', async (text) => {
  await using server = await openScripted(() => ({}));
  const { github } = clientOf(server.url, { readToken: () => ({ token: sealed(text), generation: 1 }) });
  const error = await failureOf(github.register(order, never()));
  expect(error.code).toBe('unauthorized');
  expect(error.message).toContain('the token is empty or holds characters that no token has');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('ghp_');
  expect(server.seen).toEqual([]);
});

it('says why there is no token to use', async () => {
  await using server = await openScripted(() => ({}));
  const readToken = (): never => {
    throw new Error('the token file /x cannot be used: it is empty');
  };
  const { github } = clientOf(server.url, { readToken });
  const error = await failureOf(github.register(order, never()));
  expect(error.code).toBe('unauthorized');
  expect(error.message).toBe(
    'cannot register the runner x for o/r: the token file /x cannot be used: it is empty',
  );
  expect((await failureOf(readRuns(github))).message).toBe(
    'cannot list the queued runs of o/r: the token file /x cannot be used: it is empty',
  );
});

it('takes the teeth out of what strangers write into GitHub messages', async () => {
  const message = `\u001B[31mred\u0007\r\nline\u202E${'x'.repeat(400)}`;
  await using server = await openScripted(() => ({ status: 422, body: { message } }));
  const { github } = clientOf(server.url);
  const error = await failureOf(github.register(order, never()));
  expect(error.message).toContain('"[31mred line xxx');
  expect(error.message.length).toBeLessThan(400);
  expect(/[\p{Cc}\p{Cf}]/u.test(error.message)).toBe(false);
});
