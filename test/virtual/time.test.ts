import { expect, it } from 'vitest';

import { withDeadline } from '../../src/abort.ts';
import { HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { VirtualProcess } from './process.ts';
import { openVirtual } from './rig.ts';
import { VirtualTime } from './time.ts';

const signals = AbortSignal as { timeout: (this: void, ms: number) => AbortSignal };

/** Everything that a virtual time replaces. */
function globals() {
  const { timeout } = signals;
  return { setTimeout, clearTimeout, setInterval, clearInterval, fetch, now: Date.now, timeout };
}

const real = globals();

it('takes the place of all of them, and gives them back', () => {
  const time = new VirtualTime();
  const now: Record<string, unknown> = globals();
  expect(
    Object.keys(now).filter((name) => now[name] === Object.entries(real).find(([it]) => it === name)?.[1]),
  ).toEqual(['fetch']);
  time[Symbol.dispose]();
  time[Symbol.dispose]();
  expect(globals()).toEqual(real);
});

it('fires timers in order of time, then of their making', async () => {
  using time = new VirtualTime();
  const fired: string[] = [];
  const at = (name: string) => () => fired.push(`${name} ${(Date.now() - start) / SECOND}`);
  const start = Date.now();
  setTimeout(at('late'), HOUR);
  setTimeout(at('first'), SECOND);
  setTimeout(at('second'), SECOND);
  setTimeout((name: string) => at(name)(), MINUTE, 'third');
  clearTimeout(setTimeout(at('never'), SECOND));
  const every = setInterval(at('again'), 25 * SECOND);
  await time.run(MINUTE);
  clearInterval(every);
  expect(fired).toEqual(['first 1', 'second 1', 'again 25', 'again 50', 'third 60']);
  expect([time.pending, Date.now() - start]).toEqual([1, MINUTE]);
  await time.run(2 * HOUR);
  expect(fired.at(-1)).toBe('late 3600');
  expect(time.pending).toBe(0);
});

it('plays what follows a timer before it moves on', async () => {
  using time = new VirtualTime();
  const seen: number[] = [];
  void (async () => {
    for (let n = 0; n < 5; n += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 0);
      });
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    seen.push(time.now());
  })();
  const began = time.now();
  setTimeout(() => seen.push(time.now()), 5);
  await time.run(SECOND);
  expect(seen).toEqual([began, began + 5]);
});

it('is the time of deadlines and of signals that time out', async () => {
  using time = new VirtualTime();
  const slow = withDeadline(new AbortController().signal, MINUTE, (signal) =>
    time.sleep(HOUR, signal).then(() => signal.aborted),
  );
  const signal = AbortSignal.timeout(30 * SECOND);
  let late: boolean | undefined;
  void slow.then((aborted) => {
    late = aborted;
  });
  await time.run(29 * SECOND);
  expect(signal.aborted).toBe(false);
  await time.run(SECOND);
  expect([signal.aborted, late]).toEqual([true, undefined]);
  await time.run(30 * SECOND);
  expect(late).toBe(true);
});

it('stands still while real work is done, and goes on without a request that hangs', async () => {
  using time = new VirtualTime();
  const began = time.now();
  let done: number | undefined;
  void time
    .during(
      new Promise((resolve) => {
        real.setTimeout(resolve, 30);
      }),
    )
    .then(() => {
      done = time.now();
    });
  void time.asking(new Promise(() => undefined));
  await time.run(SECOND);
  expect(done).toBe(began);
  expect(time.now()).toBe(began + SECOND);
});

it('ends with a process that is killed: its timers never fire, and nobody waits for them', async () => {
  using time = new VirtualTime();
  const killed = new VirtualProcess();
  const fired: string[] = [];
  killed.run(() => {
    setTimeout(() => fired.push('before'), SECOND);
    void time.sleep(MINUTE).then(() => fired.push('after'));
  });
  await time.run(2 * SECOND);
  killed.kill();
  await time.run(HOUR);
  expect(fired).toEqual(['before']);
  expect(time.pending).toBe(0);
});

it('cannot be installed twice, and a rig tells of timers that are left over', async () => {
  const rig = openVirtual();
  expect(() => new VirtualTime()).toThrow('installed');
  setTimeout(() => undefined, HOUR);
  await expect(rig[Symbol.asyncDispose]()).rejects.toThrow('1 timers are left over');
  expect(globals()).toEqual(real);
});
