import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';

import { untilEither } from '../src/abort.ts';

it.each([0, 1])('work is called off by the first of two signals, whichever it is (%i)', async (n) => {
  const both = [new AbortController(), new AbortController()] as const;
  const [one, other] = both;
  const why = new Error('enough');
  const work = untilEither(one.signal, other.signal, async (signal) => {
    expect(signal.aborted).toBe(false);
    both[n]?.abort(why);
    return Promise.resolve(signal.reason);
  });
  expect(await work).toBe(why);
  for (const { signal } of both) expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('work begins called off when a signal has fired before', async () => {
  const never = new AbortController().signal;
  expect(await untilEither(never, AbortSignal.abort(), (signal) => Promise.resolve(signal.aborted))).toBe(
    true,
  );
});
