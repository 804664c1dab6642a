import { expect, it } from 'vitest';

import { pause } from '../../../src/simulator/world/pause.ts';

it('is over in time, at once when the signal fires, and at once when it has fired', async () => {
  const began = performance.now();
  await pause(20, new AbortController().signal);
  expect(performance.now() - began).toBeGreaterThanOrEqual(19);
  const closing = new AbortController();
  const long = pause(600_000, closing.signal);
  closing.abort();
  await long;
  await pause(600_000, closing.signal);
  expect(performance.now() - began).toBeLessThan(60_000);
});
