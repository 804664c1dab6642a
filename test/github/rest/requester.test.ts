import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ask } from '../../../src/github/purposes.ts';
import { Requester } from '../../../src/github/rest/requester.ts';
import { DEFAULT_TUNING } from '../../../src/github/tuning.ts';
import { openScripted, type ScriptedServer } from '../../support/scripted-server.ts';
import { clientOf, failureOf, IMPATIENT, LeapingClock, never, optionsOf, sealed, TOKEN } from '../support.ts';

const why = ask({ what: 'list the things', scope: 'o/r', needs: 'nothing' }, 'list', never());
const DATE = 'Wed, 21 Oct 2015 07:28:00 GMT';

/** A GitHub that allows a hundred requests an hour, and says 304 to who knows the page. */
function hundredAnHour(): Promise<ScriptedServer> {
  return openScripted(({ headers }) => ({
    headers: {
      date: DATE,
      etag: '"1"',
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '90',
      'x-ratelimit-reset': String(Date.parse(DATE) / 1000 + 3_600),
    },
    ...(headers['if-none-match'] === undefined ? { body: {} } : { status: 304 }),
  }));
}

/** A requester whose observation may use three requests at once. */
function requesterOf(url: string, clock: LeapingClock, hasToken: () => boolean = () => true): Requester {
  const readToken = (): { readonly token: ReturnType<typeof sealed>; readonly generation: number } => {
    if (!hasToken()) throw new Error('no token');
    return { token: sealed(TOKEN), generation: 1 };
  };
  const tuning = { ...DEFAULT_TUNING, hour: { burst: 0.03, reserve: 0.1 } };
  return new Requester({ ...optionsOf(url), clock, readToken }, tuning);
}

describe('the hour that GitHub counts requests in', () => {
  it('holds up what it counts', async () => {
    await using server = await hundredAnHour();
    const clock = new LeapingClock();
    const requester = requesterOf(server.url, clock);
    for (const page of ['1', '2', '3']) await requester.get(`${server.url}/${page}`, z.object({}), why);
    expect(clock.slept).toEqual([]);
    await requester.get(`${server.url}/4`, z.object({}), why);
    expect(clock.slept.length).toBeGreaterThan(0);
  });

  it('holds up no 304', async () => {
    await using server = await hundredAnHour();
    const clock = new LeapingClock();
    const requester = requesterOf(server.url, clock);
    for (let n = 0; n < 10; n += 1) await requester.get(`${server.url}/1`, z.object({}), why);
    expect([clock.slept, server.seen.length]).toEqual([[], 10]);
  });

  it('is not used up by what was never sent', async () => {
    await using server = await hundredAnHour();
    const clock = new LeapingClock();
    let hasToken = true;
    const requester = requesterOf(server.url, clock, () => hasToken);
    await requester.get(`${server.url}/1`, z.object({}), why);
    hasToken = false;
    for (let n = 0; n < 5; n += 1) await failureOf(requester.get(`${server.url}/2`, z.object({}), why));
    hasToken = true;
    await requester.get(`${server.url}/2`, z.object({}), why);
    expect([clock.slept, server.seen.length]).toEqual([[], 2]);
  });
});

it('sends writes side by side', async () => {
  await using server = await openScripted(() => 'hang');
  const { github } = clientOf(server.url, {}, IMPATIENT);
  const first = failureOf(github.deregister('o/r', 1, never()));
  const second = failureOf(github.deregister('o/r', 2, never()));
  await first;
  expect(server.seen).toHaveLength(2);
  await second;
});
