import { describe, expect, it } from 'vitest';

import { container, failure, HOUR, instance, job, MINUTE, SCOPE, state } from '../support/builders.ts';
import { until } from '../support/wait.ts';
import { gate } from './gate.ts';
import { LoopBench } from './loop-bench.ts';

describe('Loop', () => {
  it('stores a promise before it acts on it', async () => {
    await using bench = new LoopBench();
    bench.jobs = [job(1)];
    bench.engine.create = async ({ name }) => {
      expect(bench.store.state.instances.map((it) => it.name)).toEqual([name]);
      bench.engine.asked.push(`create ${name}`);
      return Promise.resolve();
    };
    bench.run();
    await until('a container to be made', () => bench.engine.asked.includes('start j1'));
    expect(bench.engine.asked.slice(0, 2)).toEqual(['create j1', 'start j1']);
  });

  it('begins nothing while promises cannot be stored, and goes on once they can', async () => {
    await using bench = new LoopBench();
    bench.store.broken = true;
    bench.jobs = [job(1)];
    bench.run();
    await bench.untilPolled(3);
    expect(bench.engine.asked).toEqual([]);
    expect(bench.github.asked).toEqual([]);
    expect(bench.log).toContain('error ledger could not be written; nothing new is begun');
    bench.store.broken = false;
    await until('a container to be made', () => bench.engine.asked.includes('start j1'));
  });

  it('writes nothing to disk while nothing happens', async () => {
    await using bench = new LoopBench();
    bench.run();
    await bench.untilTicked(2);
    const before = bench.store.saves;
    await bench.untilTicked(3);
    expect(bench.store.saves).toBe(before);
  });

  it('outlives observations and ticks that fail', async () => {
    await using bench = new LoopBench();
    const { observe } = bench.engine;
    bench.engine.observe = () => Promise.reject(new Error('no bus'));
    bench.run();
    await bench.untilPolled(2);
    expect(bench.loop.moment().engineReadable).toBe(false);
    bench.engine.observe = observe;
    bench.stir();
    await until('the engine to be read', () => bench.loop.moment().engineReadable);
  });

  it('goes on as before when the drain flag cannot be read', async () => {
    await using bench = new LoopBench();
    bench.drained = true;
    bench.run();
    await until('the flag to be read', () => bench.loop.moment().draining);
    bench.flag = () => Promise.reject(new Error('EIO'));
    bench.stir();
    const told = 'error drain flag cannot be read; going on as before';
    await until('the failure to be told', () => bench.log.includes(told));
    expect(bench.loop.moment().draining).toBe(true);
  });

  it('tries again at once what failed, when an operator resumes', async () => {
    const times = { lastAt: Date.now(), until: Date.now() + 5 * MINUTE };
    const failures = [failure(times), failure({ ...times, scope: 'o/s' })];
    await using bench = new LoopBench(state({ failures }));
    bench.jobs = [job(1)];
    bench.run();
    await bench.untilPolled(2);
    expect(bench.loop.moment().holds).toMatchObject([{ reason: 'backing-off' }]);
    await bench.loop.setDraining(true);
    expect(bench.store.state.failures).toEqual(failures);
    await bench.loop.setDraining(false);
    expect(bench.store.state.failures).toEqual([]);
    await until('a container to be made', () => bench.engine.asked.includes('start j1'));
  });

  it('stores at its end what it could not store before', async () => {
    const bench = new LoopBench();
    bench.jobs = [job(1, { labels: ['ci'] })];
    bench.run();
    await until('a container to be made', () => bench.engine.asked.includes('start j1'));
    bench.store.broken = true;
    const change = {
      kind: 'orphan-found',
      debt: {
        runnerName: 'x',
        runnerId: 1,
        scope: SCOPE,
        since: 1,
        reason: 'r',
        attempts: 0,
        nextTry: bench.clock.now() + 60_000,
      },
    } as const;
    await expect(bench.loop.record([change])).rejects.toThrow('the ledger could not be written');
    bench.store.broken = false;
    await bench[Symbol.asyncDispose]();
    expect(bench.store.state.debts.map(({ runnerName }) => runnerName)).toContain('x');
  });

  it('ends at once when it idles', async () => {
    const bench = new LoopBench(state(), { pollInterval: HOUR });
    bench.run();
    await bench.untilPolled(1);
    // The test's time-out is shorter than an hour.
    await expect(bench[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});

describe('Operator', () => {
  const busy = instance('j1', { phase: 'busy' });

  it('deregisters, then stops cleanly', async () => {
    const bench = new LoopBench(state({ instances: [busy] }));
    expect(await bench.operator.stop('j1', false)).toBe('accepted');
    expect(bench.github.asked).toEqual(['deregister 77']);
    expect(bench.loop.state.instances[0]).toMatchObject({
      phase: 'stopping',
      registered: false,
      stop: { reason: 'operator', clean: true },
    });
  });

  it('with `now` takes a clean stop back', async () => {
    const bench = new LoopBench(state({ instances: [busy] }));
    await bench.operator.stop('j1', false);
    await bench.operator.stop('j1', true);
    expect(bench.loop.state.instances[0]?.stop?.clean).toBe(false);
  });

  it('cuts short the start of one that is only reserved', async () => {
    await using bench = new LoopBench();
    let creating: AbortSignal | undefined;
    bench.engine.create = (_order, signal) =>
      new Promise((_resolve, reject) => {
        creating = signal;
        signal.addEventListener('abort', () => reject(new Error('told to stop')));
      });
    bench.jobs = [job(1)];
    bench.run();
    await until('it to be made', () => creating !== undefined);
    expect(await bench.operator.stop('j1', false)).toBe('accepted');
    expect(creating?.aborted).toBe(true);
  });

  it('with `now` does not wait for a clean stop that is under way', async () => {
    await using bench = new LoopBench(state({ instances: [busy] }));
    bench.containers = [container('j1')];
    const stopping = gate();
    bench.engine.destroy = async (name, { clean }) => {
      bench.engine.asked.push(`destroy ${name}${clean ? ' clean' : ''}`);
      if (clean) await stopping.opened;
    };
    bench.run();
    await bench.operator.stop('j1', false);
    await until('it to be asked to end', () => bench.engine.asked.includes('destroy j1 clean'));
    await bench.operator.stop('j1', true);
    expect(bench.engine.asked).toContain('destroy j1');
    stopping.open();
  });

  it("goes on without GitHub's agreement", async () => {
    const bench = new LoopBench(state({ instances: [busy] }));
    bench.github.deregister = () => Promise.reject(new Error('no line'));
    expect(await bench.operator.stop('j1', false)).toBe('accepted');
    expect(bench.loop.state.instances[0]).toMatchObject({ phase: 'stopping', registered: true });
  });

  it('knows only containers that are promised', async () => {
    const bench = new LoopBench();
    expect(await bench.operator.stop('j1', true)).toBe('unknown');
    expect(bench.engine.asked).toEqual([]);
  });

  it('cleanup drains first and stops them all', async () => {
    const bench = new LoopBench(state({ instances: [busy, instance('j2')] }));
    await bench.operator.cleanup();
    expect(bench.drained).toBe(true);
    expect(bench.loop.state.instances.map(({ phase }) => phase)).toEqual(['stopping', 'stopping']);
  });
});
