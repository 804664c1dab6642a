import { expect, it } from 'vitest';

import { RequestCounter } from '../../../src/github/rest/request-counts.ts';
import { openScripted } from '../../support/scripted-server.ts';
import { clientOf, failureOf, LeapingClock, never } from '../support.ts';

const MINUTE = 60_000;
const NONE = { observation: 0, registration: 0, cleanup: 0 };

it('counts the requests of the last hour, and forgets those before', () => {
  const clock = new LeapingClock();
  clock.advance(MINUTE - (clock.now() % MINUTE));
  const counter = new RequestCounter(clock);
  counter.sent('observation');
  counter.counted();
  clock.advance(30 * MINUTE);
  counter.sent('cleanup');
  counter.notModified();
  expect(counter.lastHour()).toEqual({
    sent: 2,
    counted: 1,
    notModified: 1,
    byPurpose: { ...NONE, observation: 1, cleanup: 1 },
  });
  clock.advance(30 * MINUTE - 1);
  expect(counter.lastHour().sent).toBe(2);
  clock.advance(1);
  expect(counter.lastHour()).toEqual({
    sent: 1,
    counted: 0,
    notModified: 1,
    byPurpose: { ...NONE, cleanup: 1 },
  });
  clock.advance(30 * MINUTE);
  expect(counter.lastHour().sent).toBe(0);
});

it('tells answers that GitHub counts from those that are free, and from refusals because of a limit', async () => {
  await using server = await openScripted(({ method, headers }) => {
    if (method === 'POST') return { status: 404, body: { message: 'Not Found' } };
    if (method === 'DELETE') return { status: 403, headers: { 'retry-after': '9' }, body: {} };
    const etag = { etag: '"1"' };
    if (headers['if-none-match'] === '"1"') return { status: 304, headers: etag };
    return { headers: etag, body: { total_count: 0, runners: [] } };
  });
  const { github } = clientOf(server.url);
  await github.findRunner('o/r', 'x', never());
  await github.findRunner('o/r', 'x', never());
  await failureOf(github.register({ scope: 'o/r', runnerName: 'x', labels: [] }, never()));
  expect(github.requests()).toEqual({
    sent: 3,
    counted: 2,
    notModified: 1,
    byPurpose: { ...NONE, cleanup: 2, registration: 1 },
  });
  await failureOf(github.deregister('o/r', 1, never()));
  // What the limit holds up is not sent.
  await failureOf(github.deregister('o/r', 1, never()));
  expect(github.requests()).toMatchObject({ sent: 4, counted: 2, byPurpose: { cleanup: 3 } });
});

it('counts a request without an answer as sent, and nothing else', async () => {
  await using server = await openScripted(() => 'reset');
  const { github } = clientOf(server.url, {}, { readTries: 1 });
  await failureOf(github.findRunner('o/r', 'x', never()));
  expect(github.requests()).toMatchObject({ sent: 1, counted: 0, notModified: 0 });
});
