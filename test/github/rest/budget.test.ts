import { describe, expect, it } from 'vitest';

import { Budget } from '../../../src/github/rest/budget.ts';
import { DEFAULT_TUNING } from '../../../src/github/tuning.ts';
import type { Tuning } from '../../../src/github/tuning.ts';
import { openScripted } from '../../support/scripted-server.ts';
import { clientOf, failureOf, LeapingClock, never, quiet, StoppedClock } from '../support.ts';

const MINUTE = 60_000;

function budgetOf(clock: LeapingClock | StoppedClock, limits: Partial<Tuning> = {}): Budget {
  return new Budget(clock, { ...DEFAULT_TUNING, ...limits }, () => undefined);
}

/** When each of so many passes came through, in seconds from the start. */
async function times(
  count: number,
  clock: LeapingClock,
  pass: () => Promise<void>,
): Promise<readonly number[]> {
  const start = clock.now();
  const at: number[] = [];
  await Promise.all(
    Array.from({ length: count }, async () => {
      await pass();
      at.push((clock.now() - start) / 1000);
    }),
  );
  return at;
}

it('lets ten writes through at once, and three a second after that', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock);
  const at = await times(16, clock, () => budget.pass('write', 'work', never()));
  expect(at.slice(0, 10)).toEqual(Array(10).fill(0));
  expect(at.slice(10).map((seconds) => Math.round(seconds * 10) / 10)).toEqual([0.3, 0.7, 1, 1.3, 1.7, 2]);
});

it('spends at most 450 points in any minute, and keeps the last tenth for cleanup', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock);
  const reads = await times(405, clock, () => budget.pass('read', 'work', never()));
  expect(reads.at(-1)).toBe(0);
  const cleanups = await times(9, clock, () => budget.pass('write', 'cleanup', never()));
  expect(cleanups.at(-1)).toBe(0);
  const late = await times(2, clock, () => budget.pass('read', 'work', never()));
  expect(late).toEqual([60, 60]);
});

it('does not let work pass where only cleanup may', async () => {
  const clock = new StoppedClock();
  const budget = budgetOf(clock, {
    pointsPerMinute: 10,
    shares: { cleanup: 1, work: 0.5, observation: 0.5 },
  });
  await budget.pass('write', 'work', never());
  const stop = new AbortController();
  const waits = budget.pass('read', 'work', stop.signal);
  await clock.asleep;
  await budget.pass('write', 'cleanup', never());
  stop.abort(new Error('enough'));
  await expect(waits).rejects.toThrow('enough');
});

it('lets cleanup pass work that waits', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock, { writeBurst: 1 });
  const order: string[] = [];
  const pass = async (lane: 'work' | 'cleanup', name: string): Promise<void> => {
    await budget.pass('write', lane, never());
    order.push(name);
  };
  await Promise.all([
    pass('work', 'work 1'),
    pass('work', 'work 2'),
    pass('work', 'work 3'),
    pass('cleanup', 'cleanup'),
  ]);
  expect(order).toEqual(['work 1', 'cleanup', 'work 2', 'work 3']);
});

it.each([
  { name: 'to write', limits: { writeBurst: 1 } },
  { name: 'for points', limits: { pointsPerMinute: 6 } },
])('turns away at once who waits $name when a limit comes', async ({ limits }) => {
  const clock = new StoppedClock();
  const budget = budgetOf(clock, limits);
  await budget.pass('write', 'work', never());
  const waits = budget.pass('write', 'work', never());
  await clock.asleep;
  const until = budget.stop(clock.now() + 5_000, 'slow down');
  await expect(waits).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
  await expect(budget.pass('read', 'cleanup', never())).rejects.toMatchObject({ code: 'rate-limited' });
});

it('does not believe in a limit of more than two hours, nor in one that ended before it began', () => {
  const clock = new LeapingClock();
  expect(budgetOf(clock).stop(clock.now() + 9e12, 'x')).toBe(clock.now() + 2 * 3_600_000);
  expect(budgetOf(clock).stop(0, 'x')).toBe(clock.now() + 1_000);
});

it('turns away who was let through, but has not gone, when a limit comes', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock);
  const passing = budget.pass('read', 'work', never());
  const until = budget.stop(clock.now() + 5_000, 'slow down');
  await expect(passing).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
});

it('saves up no more than one burst', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock);
  clock.advance(MINUTE);
  const at = await times(11, clock, () => budget.pass('write', 'work', never()));
  expect(at.at(-2)).toBe(0);
  expect(at.at(-1)).toBeGreaterThan(0);
});

it('spends nothing on those who gave up waiting', async () => {
  const clock = new LeapingClock();
  const budget = budgetOf(clock, { writeBurst: 1, writesPerSecond: 1 });
  await budget.pass('write', 'work', never());
  const stop = new AbortController();
  const waits = budget.pass('write', 'work', stop.signal);
  stop.abort(new Error('enough'));
  await expect(waits).rejects.toThrow('enough');
  expect(await times(1, clock, () => budget.pass('write', 'work', never()))).toEqual([1]);
});

describe('a clock that was set back by an hour or more', () => {
  it('makes no limit endless', async () => {
    const clock = new LeapingClock();
    const budget = budgetOf(clock);
    budget.stop(clock.now() + 5_000, 'slow down');
    clock.advance(-180 * MINUTE);
    await expect(budget.pass('read', 'work', never())).resolves.toBeUndefined();
  });

  it.each([
    { name: 'takes no writes away', kind: 'write', spent: 1 },
    { name: 'does not freeze the minute', kind: 'read', spent: 405 },
  ] as const)('$name', async ({ kind, spent }) => {
    const clock = new LeapingClock();
    const budget = budgetOf(clock);
    await times(spent, clock, () => budget.pass(kind, 'work', never()));
    clock.advance(-60 * MINUTE);
    expect(await times(1, clock, () => budget.pass(kind, 'work', never()))).toEqual([0]);
  });
});

it('ends a wait for the budget with the caller, before anything was sent', async () => {
  await using server = await openScripted(({ url }) => quiet(url));
  const clock = new StoppedClock();
  const { github } = clientOf(
    server.url,
    { clock },
    { pointsPerMinute: 4, shares: { cleanup: 1, work: 0.5, observation: 0.5 } },
  );
  const stop = new AbortController();
  const call = failureOf(github.register({ scope: 'o/r', runnerName: 'x', labels: ['a'] }, stop.signal));
  await clock.asleep;
  stop.abort();
  expect((await call).message).toBe('cannot register the runner x for o/r: given up: called off');
  expect(server.seen).toEqual([]);
});
