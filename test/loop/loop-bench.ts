import type { Millis } from '../../src/core/model.ts';
import type { Answer, Container, Job, Part, Run, Runner } from '../../src/core/observation.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Loop } from '../../src/loop/loop.ts';
import { Operator } from '../../src/loop/operator.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { draws, policy, SCOPE, state } from '../support/builders.ts';
import { RunningClock } from '../support/clock.ts';
import { until } from '../support/wait.ts';
import { ScriptedEngine, ScriptedGithub, ScriptedStore } from './fakes.ts';

const POLL = 50;

/** A loop over scripted sources, by default at real time with a short poll. Disposing of it ends it. */
export class LoopBench implements AsyncDisposable {
  readonly github = new ScriptedGithub();
  readonly engine = new ScriptedEngine();
  readonly store = new ScriptedStore();
  readonly clock: Clock;
  readonly log: string[] = [];
  jobs: readonly Job[] = [];
  runners: readonly Runner[] = [];
  containers: readonly Container[] = [];
  polls = 0;
  looks = 0;
  /** Tells the loop that something has changed on the host. */
  stir: () => void = () => undefined;
  random: () => number = draws();
  drained = false;
  flag = async (): Promise<boolean> => Promise.resolve(this.drained);
  readonly loop: Loop;
  readonly operator: Operator;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(from = state(), more: { readonly clock?: Clock; readonly pollInterval?: Millis } = {}) {
    const clock = more.clock ?? new RunningClock();
    this.clock = clock;
    this.store.state = from;
    this.github.read = (part) => Promise.resolve(this.#answer(part));
    this.engine.observe = async () => {
      this.looks += 1;
      return Promise.resolve({
        askedAt: clock.now(),
        containers: this.containers,
        namesInUse: [],
        subnetsInUse: [],
        freeDisk: null,
      });
    };
    this.engine.watch = (onChange) => {
      this.stir = onChange;
      return { [Symbol.dispose]: () => undefined };
    };
    this.loop = new Loop({
      policy: policy({ pollInterval: more.pollInterval ?? POLL }),
      scopes: [SCOPE],
      clock,
      random: () => this.random(),
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
    this.operator = new Operator(this.loop, this.github, clock);
  }

  run(): void {
    this.#running = this.loop.run(this.#stop.signal);
  }

  async untilPolled(times: number): Promise<void> {
    const from = this.polls;
    await until(`${times} polls`, () => this.polls >= from + times);
  }

  /** So many ticks after polls: a look at the host begins when the tick of the one before is over. */
  async untilTicked(times: number): Promise<void> {
    for (let ticks = 0; ticks < times; ticks += 1) {
      await this.untilPolled(1);
      const from = this.looks;
      this.stir();
      await until('a tick', () => this.looks > from);
    }
  }

  /** What GitHub says of a part: every run is queued, as long as it has jobs. */
  #answer(part: Part): Answer {
    const askedAt = this.clock.now();
    switch (part.kind) {
      case 'runs': {
        if (part.list !== 'queued') return { kind: 'runs', askedAt, runs: [], cut: null };
        this.polls += 1;
        const runs = new Map<number, Run>();
        for (const { runId: id, scope, repository } of this.jobs) {
          runs.set(id, { id, scope, repository, stamp: '1 queued' });
        }
        return { kind: 'runs', askedAt, runs: [...runs.values()], cut: null };
      }
      case 'runners':
        return { kind: 'runners', askedAt, runners: this.runners };
      case 'jobs':
        return { kind: 'jobs', askedAt, jobs: this.jobs.filter(({ runId }) => runId === part.runId) };
      case 'job':
        return { kind: 'job', askedAt, job: this.jobs.find(({ id }) => id === part.jobId) ?? null };
      case 'runner':
        return {
          kind: 'runner',
          askedAt,
          runner: this.runners.find(({ id }) => id === part.runnerId) ?? null,
        };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
