import { describe, expect, it } from 'vitest';

import type { Millis } from '../../../../src/core/model.ts';
import { Governor } from '../../../../src/github/rest/governor/governor.ts';
import type { Kind, Priority } from '../../../../src/github/rest/governor/priority.ts';
import { DEFAULT_TUNING } from '../../../../src/github/tuning.ts';
import type { Tuning } from '../../../../src/github/tuning.ts';
import { openScripted } from '../../../support/scripted-server.ts';
import { clientOf, failureOf, LeapingClock, never, quiet, StoppedClock } from '../../support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A bound that no test meets by chance. */
const ROOMY = { burst: 1, reserve: 0.1 };

function governorOf(clock: LeapingClock | StoppedClock, limits: Partial<Tuning> = {}): Governor {
  return new Governor(clock, { ...DEFAULT_TUNING, hour: ROOMY, ...limits }, () => undefined);
}

/** Passes and is over at once. */
async function go(governor: Governor, kind: Kind, priority: Priority, signal = never()): Promise<void> {
  (await governor.pass(kind, priority, signal))(false);
}

/** When each of so many requests went, in seconds from the start. */
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

/** The order in which requests that wait together are let go. */
async function orderOf(
  governor: Governor,
  wishes: readonly (readonly [Kind, Priority])[],
): Promise<readonly Priority[]> {
  const order: Priority[] = [];
  await Promise.all(
    wishes.map(async ([kind, priority]) => {
      await go(governor, kind, priority);
      order.push(priority);
    }),
  );
  return order;
}

describe('writes', () => {
  it('go ten at once, and three a second after that', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    const at = await times(16, clock, () => go(governor, 'write', 'registration'));
    expect(at.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(at.slice(10).map((seconds) => Math.round(seconds * 10) / 10)).toEqual([0.3, 0.7, 1, 1.3, 1.7, 2]);
  });

  it('are saved up for one burst at most', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    clock.advance(MINUTE);
    const at = await times(11, clock, () => go(governor, 'write', 'registration'));
    expect(at.at(-2)).toBe(0);
    expect(at.at(-1)).toBeGreaterThan(0);
  });

  it.each<[Priority, Priority]>([
    ['cleanup', 'registration'],
    ['registration', 'cleanup'],
  ])('of %s take turns with those of %s', async (many, other) => {
    const governor = governorOf(new LeapingClock(), { writeBurst: 1 });
    await go(governor, 'write', many);
    const wishes = [many, many, many, other, other].map((priority) => ['write', priority] as const);
    expect(await orderOf(governor, wishes)).toEqual([other, many, other, many, many]);
  });

  it('cost nothing when their caller gave up', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock, { writeBurst: 1, writesPerSecond: 1 });
    await go(governor, 'write', 'registration');
    const stop = new AbortController();
    const waits = governor.pass('write', 'registration', stop.signal);
    stop.abort(new Error('enough'));
    await expect(waits).rejects.toThrow('enough');
    expect(await times(1, clock, () => go(governor, 'write', 'registration'))).toEqual([1]);
  });
});

describe('a minute has 450 points', () => {
  it.each<[Priority, Kind, number]>([
    ['registration', 'read', 360],
    ['cleanup', 'read', 330],
    ['list', 'read', 360],
    ['fresh', 'read', 360],
    ['registration', 'write', 72],
  ])('of which %s may take with a %s, if nobody else needs any, %i', async (priority, kind, most) => {
    const clock = new LeapingClock();
    const limits = { observationReadBurst: 1_000, writeBurst: 1_000 };
    const governor = governorOf(clock, limits);
    const at = await times(most + 1, clock, () => go(governor, kind, priority));
    expect(at.at(-2)).toBe(0);
    expect(at.at(-1)).toBe(60);
  });

  it.each<[Priority, Priority, number]>([
    ['list', 'cleanup', 60],
    ['list', 'registration', 60],
    ['registration', 'list', 60],
    ['cleanup', 'registration', 30],
  ])('of which %s has its part, however many %s takes', async (priority, greedy, floor) => {
    const clock = new LeapingClock();
    const governor = governorOf(clock, { writeBurst: 1_000 });
    const gate = new AbortController();
    const flood = Promise.allSettled(
      Array.from({ length: 500 }, () => go(governor, 'read', greedy, gate.signal)),
    );
    const at = times(floor, clock, () => go(governor, 'read', priority));
    expect((await at).at(-1)).toBe(0);
    gate.abort(new Error('enough'));
    await flood;
  });

  it('of which what a purpose has spent is kept for it no longer', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    await times(60, clock, () => go(governor, 'read', 'list'));
    expect((await times(360, clock, () => go(governor, 'read', 'registration'))).at(-1)).toBe(0);
  });

  it('that come back after sixty seconds, and not before', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    await times(360, clock, () => go(governor, 'read', 'list'));
    clock.advance(59_500);
    expect(await times(1, clock, () => go(governor, 'read', 'list'))).toEqual([0.5]);
  });

  it('is not nibbled away by reads while a write waits for five of its points', async () => {
    const clock = new StoppedClock();
    const governor = governorOf(clock, { pointsPerMinute: 20, floors: NO_FLOORS });
    for (let n = 0; n < 3; n += 1) await go(governor, 'write', 'registration');
    await go(governor, 'read', 'list');
    const gate = new AbortController();
    const write = go(governor, 'write', 'registration', gate.signal);
    const read = go(governor, 'read', 'list', gate.signal);
    await clock.asleep;
    gate.abort(new Error('enough'));
    await expect(Promise.race([write, read])).rejects.toThrow('enough');
    await Promise.allSettled([write, read]);
  });
});

const NO_FLOORS = { observation: 0, registration: 0, cleanup: 0 };

describe('observation', () => {
  it('reads lists before what changed, and that before the rest', async () => {
    const governor = governorOf(new LeapingClock(), { pointsPerMinute: 1, floors: NO_FLOORS });
    await go(governor, 'read', 'list');
    const wishes = (['turn', 'fresh', 'list'] as const).map((priority) => ['read', priority] as const);
    expect(await orderOf(governor, wishes)).toEqual(['list', 'fresh', 'turn']);
  });

  it.each<Priority>(['fresh', 'turn'])('paces its %s reads, and holds up no list for that', async (rank) => {
    const clock = new LeapingClock();
    const governor = governorOf(clock, { places: PLACES });
    const at = await times(66, clock, () => go(governor, 'read', rank));
    expect(at[59]).toBe(0);
    expect(at[65]).toBeCloseTo(2);
    expect(await times(100, clock, () => go(governor, 'read', 'list'))).toEqual(Array(100).fill(0));
  });
});

const PLACES = { cleanup: 2, registration: 2, list: 200, fresh: 2, turn: 1 };

describe('requests that hang', () => {
  it.each<Priority>(['cleanup', 'registration', 'list', 'fresh', 'turn'])(
    'in %s take the places of no other priority',
    async (hanging) => {
      const clock = new StoppedClock();
      const governor = governorOf(clock, { places: PLACES });
      const passes: ((free: boolean) => void)[] = [];
      for (let n = 0; n < PLACES[hanging]; n += 1) passes.push(await governor.pass('read', hanging, never()));
      const waits = go(governor, 'read', hanging);
      await clock.asleep;
      for (const other of ['cleanup', 'registration', 'list', 'fresh', 'turn'] as const)
        if (other !== hanging) await go(governor, 'read', other);
      passes[0]?.(false);
      await expect(waits).resolves.toBeUndefined();
    },
  );

  it('give back one place, however often they are said to be over', async () => {
    const clock = new StoppedClock();
    const governor = governorOf(clock, { places: PLACES });
    const over = await governor.pass('read', 'turn', never());
    over(false);
    over(false);
    await governor.pass('read', 'turn', never());
    const gate = new AbortController();
    const second = governor.pass('read', 'turn', gate.signal);
    await clock.asleep;
    gate.abort(new Error('no place'));
    await expect(second).rejects.toThrow('no place');
  });
});

describe('a limit', () => {
  it.each([
    { name: 'to write', limits: { writeBurst: 1 } },
    { name: 'for points', limits: { pointsPerMinute: 6, floors: NO_FLOORS } },
  ])('turns away at once who waits $name', async ({ limits }) => {
    const clock = new StoppedClock();
    const governor = governorOf(clock, limits);
    await go(governor, 'write', 'registration');
    const waits = governor.pass('write', 'registration', never());
    await clock.asleep;
    const until = governor.stop(5_000, 'slow down');
    expect(until).toBe(clock.now() + 5_000);
    await expect(waits).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
    await expect(governor.pass('read', 'cleanup', never())).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('is over when its time is', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    governor.stop(5_000, 'slow down');
    clock.advance(4_999);
    await expect(governor.pass('read', 'list', never())).rejects.toMatchObject({ code: 'rate-limited' });
    clock.advance(1);
    await expect(go(governor, 'read', 'list')).resolves.toBeUndefined();
  });

  it.each<[string, Millis, Millis]>([
    ['is not believed to last for more than two hours', 9e12, 2 * HOUR],
    ['lasts for a second at least', -HOUR, 1_000],
  ])('%s', (_, told, taken) => {
    const clock = new LeapingClock();
    expect(governorOf(clock).stop(told, 'x')).toBe(clock.now() + taken);
  });

  it('does not end earlier because a later answer says so', () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    const until = governor.stop(MINUTE, 'x');
    expect(governor.stop(1_000, 'x')).toBe(until);
  });

  it('turns away who was let through, but has not gone', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock, { places: PLACES });
    const passing = governor.pass('read', 'turn', never());
    const until = governor.stop(5_000, 'slow down');
    await expect(passing).rejects.toMatchObject({ code: 'rate-limited', retryAt: until });
    clock.advance(5_000);
    await expect(go(governor, 'read', 'turn')).resolves.toBeUndefined();
  });

  it('without a length lasts longer each time, until GitHub serves us', () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock);
    const stopped = (): number => {
      const until = governor.stop(null, 'x');
      // An answer that was under way with the first.
      expect(governor.stop(null, 'x')).toBe(until);
      const length = until - clock.now();
      clock.advance(length);
      return length / MINUTE;
    };
    expect([stopped(), stopped(), stopped(), stopped(), stopped(), stopped()]).toEqual([1, 2, 4, 8, 15, 15]);
    governor.served();
    expect(stopped()).toBe(1);
  });
});

describe('when little is left of the hour', () => {
  it('registration goes on, and cleanup is told at once, waiting or not', async () => {
    const clock = new StoppedClock();
    const governor = governorOf(clock, { writeBurst: 1 });
    await go(governor, 'write', 'registration');
    const waits = governor.pass('write', 'cleanup', never());
    const end = new AbortController();
    const other = governor.pass('write', 'registration', end.signal);
    await clock.asleep;
    governor.heard({ limit: 300, remaining: 10, left: HOUR });
    await expect(waits).rejects.toMatchObject({ code: 'rate-limited', retryAt: null });
    end.abort(new Error('still waiting'));
    await expect(other).rejects.toThrow('still waiting');
    await expect(governor.pass('read', 'cleanup', never())).rejects.toThrow('is kept for registrations');
    await expect(go(governor, 'read', 'registration')).resolves.toBeUndefined();
  });

  it('a read that turned out free lets the next go at once', async () => {
    const clock = new StoppedClock();
    const governor = governorOf(clock, { hour: { burst: 0.01, reserve: 0.1 } });
    governor.heard({ limit: 100, remaining: 100, left: HOUR });
    const over = await governor.pass('read', 'list', never());
    const next = governor.pass('read', 'list', never());
    await clock.asleep;
    over(true);
    await expect(next).resolves.toBeDefined();
  });

  it('lists and what changed take turns in what GitHub counts', async () => {
    const clock = new LeapingClock();
    const governor = governorOf(clock, { hour: { burst: 0.01, reserve: 0.1 } });
    governor.heard({ limit: 100, remaining: 100, left: HOUR });
    const wishes = (['list', 'list', 'list', 'fresh', 'fresh'] as const).map(
      (priority) => ['read', priority] as const,
    );
    expect(await orderOf(governor, wishes)).toEqual(['list', 'fresh', 'list', 'fresh', 'list']);
  });
});

it('ends a wait with the caller, before anything was sent', async () => {
  await using server = await openScripted(({ url }) => quiet(url));
  const clock = new StoppedClock();
  const { github } = clientOf(server.url, { clock }, { pointsPerMinute: 4, floors: NO_FLOORS });
  const stop = new AbortController();
  const call = failureOf(github.register({ scope: 'o/r', runnerName: 'x', labels: ['a'] }, stop.signal));
  await clock.asleep;
  stop.abort();
  expect((await call).message).toBe('cannot register the runner x for o/r: given up: called off');
  expect(server.seen).toEqual([]);
});
