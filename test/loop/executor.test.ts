import { describe, expect, it } from 'vitest';

import { applyAll } from '../../src/core/apply/apply.ts';
import type { Change } from '../../src/core/change.ts';
import { GithubError } from '../../src/core/errors.ts';
import type { State } from '../../src/core/model.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Executor } from '../../src/loop/executor.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { debt, draws, instance, policy, SECOND, state } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { until } from '../support/wait.ts';
import { ScriptedEngine, ScriptedGithub } from './fakes.ts';
import { gate } from './gate.ts';

class Bench {
  readonly clock = new TestClock();
  readonly github = new ScriptedGithub();
  readonly engine = new ScriptedEngine();
  readonly changes: Change[] = [];
  readonly log: string[] = [];
  readonly limits: number[] = [];
  state: State;
  over = 0;
  /** Looks at the host that were begun. */
  looks = 1;
  readonly executor: Executor;

  constructor(from: State, clock?: Clock) {
    this.state = from;
    this.executor = new Executor({
      github: this.github,
      engine: this.engine,
      policy: policy(),
      clock: clock ?? this.clock,
      random: draws(),
      events: createEvents((level, message) => this.log.push(`${level} ${message}`)),
      concurrency: 2,
      state: () => this.state,
      record: async (changes) => {
        this.changes.push(...changes);
        this.state = applyAll(this.state, changes);
        return Promise.resolve();
      },
      limited: (at) => this.limits.push(at),
      observationNumber: () => this.looks,
      done: () => {
        this.over += 1;
      },
    });
  }

  async untilOver(count: number): Promise<void> {
    await until(`${count} effects to be over`, () => this.over === count);
  }
}

const RESERVED = instance('j1', { phase: 'reserved' });

describe('Executor', () => {
  it('starts: creates while it registers, and only then hands over the credential', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    const registering = gate();
    const register = bench.github.register;
    bench.github.register = async (order, signal) => {
      await registering.opened;
      return register(order, signal);
    };
    bench.executor.dispatch([{ kind: 'start', name: 'j1' }]);
    await until('it to be created', () => bench.engine.asked.includes('create j1'));
    expect(bench.engine.asked).toEqual(['create j1']);
    registering.open();
    await bench.untilOver(1);
    expect(bench.engine.asked).toEqual(['create j1', 'start j1']);
    expect(bench.changes.map(({ kind }) => kind)).toEqual(['registered', 'started']);
  });

  it('has one effect in flight per name, and says which are unsettled until the host was asked again', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    const destroying = gate();
    bench.engine.destroy = async (name) => {
      bench.engine.asked.push(`destroy ${name}`);
      await destroying.opened;
    };
    const effect = { kind: 'destroy', name: 'j1', clean: false } as const;
    bench.executor.dispatch([effect, effect]);
    bench.executor.dispatch([effect]);
    expect([...bench.executor.inFlight(bench.looks)]).toEqual(['j1']);
    destroying.open();
    await bench.untilOver(1);
    expect(bench.engine.asked).toEqual(['destroy j1']);
    expect([...bench.executor.inFlight(bench.looks)]).toEqual(['j1']);
    expect([...bench.executor.inFlight(bench.looks + 1)]).toEqual([]);
  });

  it('believes no observation that began before an effect was over, whatever the clock says', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    bench.looks = 7;
    bench.executor.dispatch([{ kind: 'destroy', name: 'j1', clean: false }]);
    await bench.untilOver(1);
    bench.clock.advance(-60 * 60 * SECOND);
    expect([...bench.executor.inFlight(7)]).toEqual(['j1']);
    expect([...bench.executor.inFlight(8)]).toEqual([]);
  });

  it('leaves a start whose outcome is unknown to the next observation of the host', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    bench.engine.start = () => Promise.reject(new Error('timed out'));
    bench.executor.dispatch([{ kind: 'start', name: RESERVED.name }]);
    await bench.untilOver(1);
    expect(bench.changes.map(({ kind }) => kind)).toEqual(['registered', 'started', 'failed']);
    expect(bench.state.instances).toMatchObject([{ phase: 'starting', stop: null }]);
  });

  it('starts nothing that was stopped while it was made, and knows its registration', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    bench.engine.create = ({ name }) => {
      const at = bench.clock.now();
      bench.state = applyAll(bench.state, [
        { kind: 'stop', name, reason: 'operator', clean: true, detail: '', at, deregistered: false },
      ]);
      return Promise.resolve();
    };
    bench.executor.dispatch([{ kind: 'start', name: RESERVED.name }]);
    await bench.untilOver(1);
    expect(bench.engine.asked).toEqual([]);
    expect(bench.state.instances).toMatchObject([{ phase: 'stopping', registered: true }]);
  });

  it('cuts a clean stop short, and has nothing to cut where none is under way', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    const stopping = gate();
    bench.engine.destroy = async (name, { clean }) => {
      bench.engine.asked.push(`destroy ${name}${clean ? ' clean' : ''}`);
      if (clean) await stopping.opened;
      else stopping.open();
    };
    bench.executor.kill('j1');
    bench.executor.dispatch([{ kind: 'destroy', name: 'j1', clean: true }]);
    bench.executor.kill('j1');
    await bench.untilOver(1);
    expect(bench.engine.asked).toEqual(['destroy j1 clean', 'destroy j1']);
  });

  it('keeps no place for clean stops, which only wait', async () => {
    const names = ['j1', 'j2', 'j3'];
    const instances = names.map((name) => instance(name, { phase: 'stopping' }));
    const bench = new Bench(state({ instances }));
    const stopping = gate();
    bench.engine.destroy = (_name, { clean }) => (clean ? stopping.opened : Promise.resolve());
    // As many as there are places.
    bench.executor.dispatch([
      { kind: 'destroy', name: 'j1', clean: true },
      { kind: 'destroy', name: 'j2', clean: true },
      { kind: 'destroy', name: 'j3', clean: false },
    ]);
    await until('the kill to be over', () => bench.over === 1, 10_000);
    expect([...bench.executor.inFlight(bench.looks + 1)]).toEqual(['j1', 'j2']);
    stopping.open();
    await bench.untilOver(3);
  });

  it('tells of a limit that it met on the way out', async () => {
    const bench = new Bench(state({ instances: [instance('j1')] }));
    const retryAt = bench.clock.now() + 60 * SECOND;
    bench.github.deregister = () => Promise.reject(new GithubError('rate-limited', 'slow down', { retryAt }));
    bench.executor.dispatch([{ kind: 'retire', name: 'j1', reason: 'not-needed' }]);
    await bench.untilOver(1);
    expect(bench.limits).toEqual([retryAt]);
  });

  it('lets an effect that failed rest, longer each time, within a bound', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    bench.engine.destroy = () => Promise.reject(new Error('no'));
    const effect = { kind: 'destroy', name: 'j1', clean: false } as const;
    const rests: number[] = [];
    bench.executor.dispatch([effect]);
    await bench.untilOver(1);
    for (let tries = 2; tries <= 8; tries += 1) {
      let rest = 0;
      while (!bench.executor.inFlight(bench.looks + 1).has('j1')) {
        rest += SECOND;
        bench.clock.advance(SECOND);
        bench.executor.dispatch([effect]);
      }
      rests.push(rest / SECOND);
      await bench.untilOver(tries);
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 30, 30]);
    // Long after nobody wished for it any more it is like new.
    bench.clock.advance(61 * SECOND);
    bench.executor.dispatch([effect]);
    await bench.untilOver(9);
    bench.clock.advance(SECOND);
    bench.executor.dispatch([effect]);
    await bench.untilOver(10);
    expect(bench.log).toContain('warn effect failed: destroy');
  });

  it('forgets failures once the effect has succeeded', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    const effect = { kind: 'destroy', name: 'j1', clean: false } as const;
    const fails = [true, false, true];
    bench.engine.destroy = async () => {
      if (fails.shift() === true) throw new Error('no');
      return Promise.resolve();
    };
    for (let tries = 1; tries <= 3; tries += 1) {
      bench.executor.dispatch([effect]);
      await bench.untilOver(tries);
      bench.clock.advance(SECOND);
    }
    bench.executor.dispatch([effect]);
    expect([...bench.executor.inFlight(bench.looks + 1)]).toEqual(['j1']);
  });

  it('goes on under another name when the answer to a registration is lost, and stores it first', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    const register = bench.github.register;
    bench.github.register = async (order, signal) => {
      if (order.runnerName === RESERVED.runnerName) {
        bench.github.asked.push(`lost ${order.runnerName}`);
        throw new GithubError('lost', 'no answer');
      }
      expect(bench.state.instances[0]?.runnerName).toBe(order.runnerName);
      return register(order, signal);
    };
    bench.executor.dispatch([{ kind: 'start', name: 'j1' }]);
    await bench.untilOver(1);
    expect(bench.changes.map(({ kind }) => kind)).toEqual(['rename', 'registered', 'started']);
    expect(bench.state.instances[0]?.runnerName).not.toBe(RESERVED.runnerName);
    expect(bench.state.debts.map(({ runnerName }) => runnerName)).toEqual([RESERVED.runnerName]);
  });

  it('gives up after three lost names: the start has failed and its class backs off', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    bench.github.register = ({ runnerName }) => {
      bench.github.asked.push(runnerName);
      return Promise.reject(new GithubError('lost', 'no answer'));
    };
    bench.executor.dispatch([{ kind: 'start', name: 'j1' }]);
    await bench.untilOver(1);
    expect(new Set(bench.github.asked).size).toBe(3);
    expect(bench.changes.map(({ kind }) => kind)).toEqual(['rename', 'rename', 'stop', 'failed']);
    expect(bench.changes[2]).toMatchObject({ reason: 'start-failed', deregistered: false });
  });

  it('blames no class for a limit, and tells of it', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    const retryAt = bench.clock.now() + 60 * SECOND;
    bench.github.register = () => Promise.reject(new GithubError('rate-limited', 'slow down', { retryAt }));
    bench.executor.dispatch([{ kind: 'start', name: 'j1' }]);
    await bench.untilOver(1);
    expect(bench.changes).toMatchObject([{ kind: 'stop', reason: 'start-failed', deregistered: true }]);
    expect(bench.limits).toEqual([retryAt]);
  });

  it('never starts what could not be created; what was registered is owed', async () => {
    const bench = new Bench(state({ instances: [RESERVED] }));
    bench.engine.create = () => Promise.reject(new Error('no disk'));
    bench.executor.dispatch([{ kind: 'start', name: 'j1' }]);
    await bench.untilOver(1);
    expect(bench.engine.asked).toEqual([]);
    expect(bench.changes).toMatchObject([
      { kind: 'registered', runnerId: 77 },
      { kind: 'stop', reason: 'start-failed', detail: 'no disk', deregistered: false },
      { kind: 'failed', className: 'default', scope: 'o/r', detail: 'no disk' },
    ]);
  });

  it('collects a debt, and leaves one alone that is gone meanwhile', async () => {
    const owed = debt('j1');
    const bench = new Bench(state({ debts: [owed] }));
    const effect = { kind: 'deregister-orphan', runnerName: owed.runnerName } as const;
    bench.executor.dispatch([effect]);
    await bench.untilOver(1);
    expect(bench.state.debts).toEqual([]);
    bench.executor.dispatch([effect]);
    await bench.untilOver(2);
    expect(bench.github.asked).toEqual(['deregister 77']);
  });

  it('closes: lets what is under way finish, aborts it after the grace, and leaves no timer', async () => {
    const bench = new Bench(state({ instances: [instance('j1', { phase: 'stopping' })] }));
    let aborted = false;
    bench.engine.destroy = (_name, _how, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      });
    bench.executor.dispatch([{ kind: 'destroy', name: 'j1', clean: true }]);
    const closing = bench.executor.close(2 * SECOND);
    await until('it to wait', () => bench.clock.sleeping === 1);
    expect(aborted).toBe(false);
    bench.clock.advance(2 * SECOND);
    await closing;
    expect(aborted).toBe(true);
    expect(bench.log).toEqual([]);
    expect(bench.clock.sleeping).toBe(0);
    bench.executor.dispatch([{ kind: 'destroy', name: 'j1', clean: true }]);
    expect([...bench.executor.inFlight(bench.looks + 1)]).toEqual([]);
    expect(bench.over).toBe(1);
  });

  it('closes at once when nothing is under way, and leaves no timer', async () => {
    const bench = new Bench(state());
    await bench.executor.close(2 * SECOND);
    expect(bench.clock.sleeping).toBe(0);
  });
});
