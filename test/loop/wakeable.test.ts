import { describe, expect, it } from 'vitest';

import { Wakeable } from '../../src/loop/wakeable.ts';
import { TestClock } from '../support/clock.ts';
import { until } from '../support/wait.ts';

const NEVER = new AbortController().signal;

async function asleep(clock: TestClock): Promise<void> {
  await until('it to sleep', () => clock.sleeping === 1);
}

describe('Wakeable', () => {
  it('sleeps for the longest time when nobody wakes it', async () => {
    const clock = new TestClock();
    const began = clock.now();
    const sleeping = new Wakeable(clock).sleep(0, 5_000, NEVER);
    await asleep(clock);
    clock.advance(5_000);
    await sleeping;
    expect(clock.now() - began).toBe(5_000);
  });

  it('is woken early, but not before the shortest time', async () => {
    const clock = new TestClock();
    const sleeper = new Wakeable(clock);
    let over = false;
    const sleeping = sleeper.sleep(50, 5_000, NEVER).then(() => {
      over = true;
    });
    await asleep(clock);
    sleeper.wake();
    await asleep(clock);
    expect(over).toBe(false);
    clock.advance(50);
    await sleeping;
    expect(over).toBe(true);
  });

  it('is woken in the second part of its sleep', async () => {
    const clock = new TestClock();
    const sleeper = new Wakeable(clock);
    const sleeping = sleeper.sleep(50, 5_000, NEVER);
    await asleep(clock);
    clock.advance(50);
    await asleep(clock);
    sleeper.wake();
    await sleeping;
    expect(clock.sleeping).toBe(0);
  });

  it('keeps a wake that comes while nobody sleeps, once', async () => {
    const clock = new TestClock();
    const sleeper = new Wakeable(clock);
    sleeper.wake();
    sleeper.wake();
    await sleeper.sleep(0, 5_000, NEVER);
    const again = sleeper.sleep(0, 5_000, NEVER);
    await asleep(clock);
    clock.advance(5_000);
    await again;
    expect(clock.sleeping).toBe(0);
  });

  it('ends with its signal', async () => {
    const clock = new TestClock();
    const stop = new AbortController();
    const sleeping = new Wakeable(clock).sleep(50, 5_000, stop.signal);
    await asleep(clock);
    stop.abort();
    await sleeping;
    expect(clock.sleeping).toBe(0);
  });
});
