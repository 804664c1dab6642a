import { describe, expect, it } from 'vitest';

import type { Change } from '../../src/core/change.ts';
import { GithubError } from '../../src/core/errors.ts';
import {
  container,
  debt,
  HOUR,
  instance,
  job,
  NOW,
  runner,
  runnerOf,
  SCOPE,
  state,
} from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { until } from '../support/wait.ts';
import { gate } from './gate.ts';
import { LoopBench } from './loop-bench.ts';

/** What is to come comes at once; a test that waits for it in vain need not wait for long. */
const SOON = 10_000;

/** Something to store that no tick takes back. */
function failed(className: string): Change {
  const times = { madeAt: NOW, endedAt: NOW, at: NOW };
  return { kind: 'failed', className, scope: SCOPE, shape: '', ...times, chance: 0, detail: '' };
}

function failures(bench: LoopBench): readonly string[] {
  return bench.store.state.failures.map(({ className }) => className);
}

describe('a tick', () => {
  it('that is wished for during another comes after it', async () => {
    const gone = instance('j1', { phase: 'busy' });
    await using bench = new LoopBench(state({ instances: [gone] }), { pollInterval: HOUR });
    const [polled, saving, looked] = [gate(), gate(), gate()];
    const { read } = bench.github;
    bench.github.read = async (...asked) => {
      await polled.opened;
      return read(...asked);
    };
    const save = bench.store.save.bind(bench.store);
    bench.store.save = async (next) => {
      await saving.opened;
      await save(next);
    };
    // One look at the host only, so that no other tick makes up for a lost one.
    const look = bench.engine.observe;
    bench.engine.observe = async (promised, signal) => {
      if (bench.loop.moment().lastTick !== null) await looked.opened;
      return look(promised, signal);
    };
    bench.jobs = [job(2)];
    bench.run();
    await until('the first tick to store', () => bench.loop.state.instances.length === 0);
    polled.open();
    await until('GitHub to be heard', () => bench.loop.moment().github.queued.length === 1);
    expect(bench.loop.state.instances).toEqual([]);
    saving.open();
    await until('another tick', () => bench.loop.state.instances[0]?.name === 'j2', SOON);
    looked.open();
  });

  it('that fails is told, and not the last', async () => {
    await using bench = new LoopBench();
    const draw = bench.random;
    bench.random = () => {
      throw new Error('no chance');
    };
    bench.jobs = [job(1)];
    bench.run();
    await until('the failure to be told', () => bench.log.some((line) => line.includes('tick')));
    bench.random = draw;
    await until('a container to be made', () => bench.engine.asked.includes('start j1'), SOON);
    expect(bench.loop.state.instances).toHaveLength(1);
  });
});

describe('an observation of the host', () => {
  it('comes at once when an effect is over', async () => {
    const clock = new TestClock();
    const began = clock.now();
    await using bench = new LoopBench(state({ instances: [instance('j1', { phase: 'stopping' })] }), {
      clock,
      pollInterval: HOUR,
    });
    const destroying = gate();
    bench.engine.destroy = () => destroying.opened;
    bench.containers = [container('j1')];
    bench.run();
    await until('both watchers to sleep', () => clock.sleeping === 2);
    clock.advance(50);
    await until('the shortest pause to be over', () => clock.longest > 0 && clock.sleeping === 2);
    const { looks } = bench;
    destroying.open();
    await until('another look', () => bench.looks > looks, SOON);
    // Nothing but the short pause between two looks has passed.
    expect(clock.now() - began).toBe(50);
  });

  it('comes at once when the host stirs', async () => {
    const clock = new TestClock();
    const began = clock.now();
    await using bench = new LoopBench(state(), { clock, pollInterval: HOUR });
    bench.run();
    await until('both watchers to sleep', () => clock.sleeping === 2);
    const { looks } = bench;
    bench.stir();
    clock.advance(50);
    await until('another look', () => bench.looks > looks, SOON);
    // Nothing but the short pause between two looks has passed.
    expect(clock.now() - began).toBe(50);
  });
});

describe('a limit that an effect met', () => {
  it('holds every job for as long as GitHub says', async () => {
    await using bench = new LoopBench();
    let asked = 0;
    bench.github.register = () => {
      asked += 1;
      const retryAt = bench.clock.now() + HOUR;
      return Promise.reject(new GithubError('rate-limited', 'slow down', { retryAt }));
    };
    bench.jobs = [job(1)];
    bench.run();
    const isHeld = (): boolean => bench.loop.moment().holds[0]?.reason === 'rate-limited';
    await until('the job to be held, or asked for again', () => isHeld() || asked > 1);
    expect(isHeld()).toBe(true);
  });

  it('and no longer', async () => {
    await using bench = new LoopBench(state({ debts: [debt('j9', { nextTry: NOW + 200 })] }));
    bench.runners = [runner('j9')];
    const { register } = bench.github;
    bench.github.register = () => {
      const retryAt = bench.clock.now() + 300;
      bench.github.register = register;
      return Promise.reject(new GithubError('rate-limited', 'slow down', { retryAt }));
    };
    bench.jobs = [job(1)];
    bench.run();
    await until('the debt to be collected', () => bench.github.asked.includes('deregister 77'), SOON);
    await until('it to be settled', () =>
      bench.loop.state.debts.every((it) => it.runnerName !== runnerOf('j9')),
    );
    expect(bench.github.asked).toContain('deregister 77');
  });
});

describe('a runner that GitHub let go', () => {
  it('is no orphan by the list from before', async () => {
    await using bench = new LoopBench(state({ debts: [debt('j1')] }), { pollInterval: HOUR });
    bench.runners = [runner('j1')];
    bench.run();
    await until('it to be let go', () => bench.github.asked.includes('deregister 77'), SOON);
    const asked = bench.clock.now();
    await until('the next tick', () => (bench.loop.moment().lastTick ?? 0) > asked);
    expect(bench.loop.state.debts).toEqual([]);
  });
});

describe('what has changed', () => {
  it('is written once', async () => {
    await using bench = new LoopBench();
    bench.run();
    await bench.loop.record([failed('one')]);
    await bench.untilTicked(2);
    const before = bench.store.saves;
    await bench.untilTicked(3);
    expect(bench.store.saves).toBe(before);
  });

  it('during a save that was begun before is not saved by that', async () => {
    const bench = new LoopBench();
    const saving = gate();
    const save = bench.store.save.bind(bench.store);
    bench.store.save = async (next) => {
      await saving.opened;
      await save(next);
    };
    const first = bench.loop.record([failed('one')]);
    bench.store.save = () => Promise.reject(new Error('no space left on device'));
    await expect(bench.loop.record([failed('two')])).rejects.toThrow('could not be written');
    bench.store.save = save;
    saving.open();
    await first;
    expect(failures(bench)).toEqual(['one']);
    bench.run();
    await bench[Symbol.asyncDispose]();
    expect(failures(bench)).toEqual(['one', 'two']);
  });
});

describe('time in which GitHub was not heard', () => {
  it('is written, for a restart must not forget it', async () => {
    const since = NOW - HOUR;
    const idle = instance('j1', { since });
    await using bench = new LoopBench(state({ instances: [idle], answeredAt: { [SCOPE]: since } }));
    bench.engine.observe = () => Promise.reject(new Error('no bus'));
    bench.jobs = [job(1)];
    bench.run();
    await bench.untilPolled(2);
    expect(bench.store.state.instances[0]?.unansweredFor).toBeGreaterThan(0);
  });
});

describe('a credential', () => {
  it.each(['online', 'busy'] as const)('is discarded once its runner is %s', async (kind) => {
    const bench = new LoopBench(state({ instances: [instance('j1', { phase: 'starting' })] }));
    const at = bench.clock.now();
    await bench.loop.record([
      kind === 'busy' ? { kind, name: 'j1', at, job: null } : { kind, name: 'j1', at },
    ]);
    expect(bench.engine.asked).toEqual(['discard-credential j1']);
  });
});

describe('a watcher that fails', () => {
  it('ends the other, and is told', async () => {
    const clock = new TestClock();
    const bench = new LoopBench(state(), { clock, pollInterval: HOUR });
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => (ms > HOUR / 2 ? Promise.reject(new Error('no timer')) : sleep(ms, signal));
    let end: string | null = null;
    bench.loop.run(new AbortController().signal).then(
      () => (end = 'it just ended'),
      (error: unknown) => (end = String(error)),
    );
    await until('both to end', () => {
      clock.advance(1);
      return end !== null;
    });
    expect(end).toBe('Error: no timer');
    expect(clock.sleeping).toBe(0);
  });
});
