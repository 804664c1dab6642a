import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/clock.ts';
import type { Job } from '../../src/core/observation.ts';
import { Loop } from '../../src/loop/loop.ts';
import { Operator } from '../../src/loop/operator.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { draws, HOUR, instance, job, policy, SCOPE, state } from '../support/builders.ts';
import { until } from '../support/wait.ts';
import { ScriptedEngine, ScriptedGithub, ScriptedStore } from './fakes.ts';

const POLL = 50;

/** A loop over scripted witnesses, at real time with a short poll. Disposing of it ends it. */
class Bench implements AsyncDisposable {
  readonly github = new ScriptedGithub();
  readonly engine = new ScriptedEngine();
  readonly store = new ScriptedStore();
  readonly log: string[] = [];
  jobs: readonly Job[] = [];
  polls = 0;
  drained = false;
  flag = async (): Promise<boolean> => Promise.resolve(this.drained);
  readonly loop: Loop;
  readonly operator: Operator;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(from = state(), pollInterval = POLL) {
    this.store.state = from;
    this.github.observe = async () => {
      this.polls += 1;
      const askedAt = Date.now();
      return Promise.resolve({
        askedAt,
        scopes: [SCOPE],
        jobs: this.jobs,
        runners: [],
        unread: [],
        trouble: null,
      });
    };
    this.engine.observe = async () =>
      Promise.resolve({
        askedAt: Date.now(),
        containers: [],
        namesInUse: [],
        subnetsInUse: [],
        freeDisk: null,
      });
    this.loop = new Loop({
      policy: policy({ pollInterval }),
      scopes: [SCOPE],
      clock: systemClock,
      random: draws(),
      store: this.store,
      github: this.github,
      engine: this.engine,
      drain: {
        read: () => this.flag(),
        set: async (on) => {
          this.drained = on;
          return Promise.resolve();
        },
      },
      events: createEvents((level, message) => this.log.push(`${level} ${message}`)),
      concurrency: 2,
      version: '0.0.0',
    });
    this.operator = new Operator(this.loop, this.github, systemClock);
  }

  run(): void {
    this.#running = this.loop.run(this.#stop.signal);
  }

  async untilPolled(times: number): Promise<void> {
    const from = this.polls;
    await until(`${times} polls`, () => this.polls >= from + times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

describe('Loop', () => {
  it('stores a promise before it acts on it', async () => {
    await using bench = new Bench();
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
    await using bench = new Bench();
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
    await using bench = new Bench();
    bench.run();
    await bench.untilPolled(2);
    const before = bench.store.saves;
    await bench.untilPolled(5);
    expect(bench.store.saves).toBe(before);
  });

  it('outlives looks and ticks that fail', async () => {
    await using bench = new Bench();
    const { observe } = bench.engine;
    bench.engine.observe = () => Promise.reject(new Error('no bus'));
    bench.run();
    await bench.untilPolled(2);
    expect(bench.loop.moment().engineReadable).toBe(false);
    bench.engine.observe = observe;
    await until('the engine to be read', () => bench.loop.moment().engineReadable);
  });

  it('goes on as before when the drain flag cannot be read', async () => {
    await using bench = new Bench();
    bench.drained = true;
    bench.run();
    await until('the flag to be read', () => bench.loop.moment().draining);
    bench.flag = () => Promise.reject(new Error('EIO'));
    const told = 'error drain flag cannot be read; going on as before';
    await until('the failure to be told', () => bench.log.includes(told));
    expect(bench.loop.moment().draining).toBe(true);
  });

  it('stores at its end what it could not store before', async () => {
    const bench = new Bench();
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
        nextTry: Date.now() + 60_000,
      },
    } as const;
    await expect(bench.loop.record([change])).rejects.toThrow('the ledger could not be written');
    bench.store.broken = false;
    await bench[Symbol.asyncDispose]();
    expect(bench.store.state.debts.map(({ runnerName }) => runnerName)).toContain('x');
  });

  it('ends at once when it idles', async () => {
    const bench = new Bench(state(), HOUR);
    bench.run();
    await bench.untilPolled(1);
    // The test's time-out is shorter than an hour.
    await expect(bench[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});

describe('Operator', () => {
  const busy = instance('j1', { phase: 'busy' });

  it('deregisters, then stops cleanly', async () => {
    const bench = new Bench(state({ instances: [busy] }));
    expect(await bench.operator.stop('j1', false)).toBe('accepted');
    expect(bench.github.asked).toEqual(['deregister 77']);
    expect(bench.loop.state.instances[0]).toMatchObject({
      phase: 'stopping',
      registered: false,
      stop: { reason: 'operator', clean: true },
    });
  });

  it('with `now` takes a clean stop back', async () => {
    const bench = new Bench(state({ instances: [busy] }));
    await bench.operator.stop('j1', false);
    await bench.operator.stop('j1', true);
    expect(bench.loop.state.instances[0]?.stop?.clean).toBe(false);
  });

  it("goes on without GitHub's agreement", async () => {
    const bench = new Bench(state({ instances: [busy] }));
    bench.github.deregister = () => Promise.reject(new Error('no line'));
    expect(await bench.operator.stop('j1', false)).toBe('accepted');
    expect(bench.loop.state.instances[0]).toMatchObject({ phase: 'stopping', registered: true });
  });

  it('knows only containers that are promised', async () => {
    const bench = new Bench();
    expect(await bench.operator.stop('j1', true)).toBe('unknown');
    expect(bench.engine.asked).toEqual([]);
  });

  it('cleanup drains first and stops them all', async () => {
    const bench = new Bench(state({ instances: [busy, instance('j2')] }));
    await bench.operator.cleanup();
    expect(bench.drained).toBe(true);
    expect(bench.loop.state.instances.map(({ phase }) => phase)).toEqual(['stopping', 'stopping']);
  });
});
