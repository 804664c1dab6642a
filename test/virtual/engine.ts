import { EngineError } from '../../src/core/errors.ts';
import type { Millis } from '../../src/core/model.ts';
import type { Random } from '../../src/core/naming.ts';
import type { Container, HostObservation } from '../../src/core/observation.ts';
import type { Clock, ContainerOrder, Engine, Registered } from '../../src/core/ports.ts';
import type { RunnerSessions } from '../../src/simulator/runner/sessions.ts';
import { currentProcess, outsideOfProcesses } from './process.ts';
import type { VirtualProcess } from './process.ts';
import { runRunner, type Behaviour } from './runner.ts';
import type { VirtualTime } from './time.ts';

/** How long each thing takes on this host. */
export interface HostPace {
  readonly observe: Millis;
  readonly create: Millis;
  readonly start: Millis;
  /** From the start to the runner's connection, and by how much more that may be. */
  readonly boot: Millis;
  readonly bootJitter: Millis;
  /** From the runner's exit to the end of its container. */
  readonly powerOff: Millis;
  readonly destroy: Millis;
}

const PACE: HostPace = {
  observe: 1,
  create: 200,
  start: 300,
  boot: 2_500,
  bootJitter: 1_500,
  powerOff: 500,
  destroy: 300,
};

/** A container, from its making on. It stays in `made` when it is gone. */
export interface VirtualContainer {
  readonly order: ContainerOrder;
  readonly madeAt: Millis;
  readonly behaviour: Behaviour;
  state: Container['state'] | 'gone';
  runnerName: string | null;
  startedAt: Millis | null;
  exit: Container['exit'];
  started: Container['started'];
  completed: Container['completed'];
  /** The job that it ran. */
  tookJob: number | null;
  goneAt: Millis | null;
  /** It was killed with a job in it. */
  killedBusy: boolean;
  session: string | null;
  busy: boolean;
  readonly told: AbortController;
  readonly killed: AbortController;
}

export interface EngineParts {
  readonly time: VirtualTime;
  /** The host's clock. */
  readonly clock: Clock;
  readonly random: Random;
  readonly sessions: RunnerSessions;
  readonly pace?: Partial<HostPace> | undefined;
  /** How the runner of the next container behaves; `made`: how many there were before. */
  readonly behaves?: ((order: ContainerOrder, made: number) => Behaviour) | undefined;
}

/** A host whose containers are records, with runners that speak to the simulated GitHub. It outlives its controllers. */
export class VirtualEngine implements Engine {
  /** Every container that was ever made, oldest first. */
  readonly made: VirtualContainer[] = [];
  /** The most containers at one time. */
  peak = 0;
  /** Why an action on a container fails, if it does. */
  fails: (what: 'create' | 'start' | 'destroy', name: string) => string | null = () => null;
  behaves: (order: ContainerOrder, made: number) => Behaviour;
  readonly #parts: EngineParts;
  readonly #pace: HostPace;
  readonly #existing = new Map<string, VirtualContainer>();
  readonly #watchers = new Set<{ readonly owner: VirtualProcess | undefined; readonly call: () => void }>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#pace = { ...PACE, ...parts.pace };
    this.behaves = parts.behaves ?? (() => 'well');
  }

  /** The containers that exist. */
  get containers(): readonly VirtualContainer[] {
    return [...this.#existing.values()];
  }

  async observe(): Promise<HostObservation> {
    const askedAt = this.#parts.clock.now();
    await this.#parts.time.sleep(this.#pace.observe);
    return {
      askedAt,
      containers: this.containers.map(toContainer),
      namesInUse: [...this.#existing.keys()],
      subnetsInUse: [],
      freeDisk: null,
    };
  }

  async create(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    this.#mayFail('create', order.name);
    if (this.#existing.has(order.name)) throw new EngineError('exists', `${order.name} exists`);
    const container: VirtualContainer = {
      order,
      madeAt: this.#parts.time.now(),
      behaviour: this.behaves(order, this.made.length),
      state: 'created',
      runnerName: null,
      startedAt: null,
      exit: null,
      started: null,
      completed: null,
      tookJob: null,
      goneAt: null,
      killedBusy: false,
      session: null,
      busy: false,
      told: new AbortController(),
      killed: new AbortController(),
    };
    this.#existing.set(order.name, container);
    this.made.push(container);
    this.peak = Math.max(this.peak, this.#existing.size);
    await this.#parts.time.sleep(this.#pace.create, signal);
    signal.throwIfAborted();
  }

  async start(name: string, { runnerName, credential }: Registered, signal: AbortSignal): Promise<void> {
    const container = this.#existing.get(name);
    if (container === undefined) throw new EngineError('absent', `${name} does not exist`);
    if (container.state !== 'created') throw new EngineError('exists', `${name} had its boot`);
    this.#mayFail('start', name);
    container.state = 'running';
    container.runnerName = runnerName;
    container.startedAt = this.#parts.clock.now();
    outsideOfProcesses(() => void this.#live(container, clientIdOf(credential.reveal())));
    await this.#parts.time.sleep(this.#pace.start, signal);
  }

  async discardCredential(): Promise<void> {
    await Promise.resolve();
  }

  async destroy(name: string, how: { readonly clean: boolean }, signal: AbortSignal): Promise<void> {
    this.#mayFail('destroy', name);
    const container = this.#existing.get(name);
    if (container === undefined) return;
    if (how.clean && container.state === 'running') {
      container.told.abort();
      // The observation of its end, or the kill that the plan asks for in the end, comes first.
      await this.#parts.time.sleep(60_000, AbortSignal.any([signal, container.killed.signal]));
    }
    await this.#parts.time.sleep(this.#pace.destroy, signal);
    this.#remove(container);
  }

  watch(call: () => void): Disposable {
    const watcher = { owner: currentProcess(), call };
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  doctor(): Promise<[]> {
    return Promise.resolve([]);
  }

  /** The host loses power: no container is left, and no runner said good-bye. */
  loseAll(): void {
    for (const container of this.containers) this.#remove(container);
  }

  #mayFail(what: 'create' | 'start' | 'destroy', name: string): void {
    const why = this.fails(what, name);
    if (why !== null) throw new EngineError('failed', why);
  }

  async #live(container: VirtualContainer, clientId: string): Promise<void> {
    const { time, random, sessions } = this.#parts;
    const code = await runRunner({
      time,
      sessions,
      clientId,
      behaviour: container.behaviour,
      boot: this.#pace.boot + this.#pace.bootJitter * random(),
      told: container.told.signal,
      killed: container.killed.signal,
      connected: (session) => {
        container.session = session;
      },
      took: ({ id }) => {
        container.tookJob = id;
        container.busy = true;
      },
      hook: (name, signal) => {
        container[name] = signal;
        this.#changed();
      },
    });
    container.busy = false;
    if (code === null)
      await time.sleep(FOR_EVER, AbortSignal.any([container.told.signal, container.killed.signal]));
    await time.sleep(this.#pace.powerOff, container.killed.signal);
    if (container.state !== 'running') return;
    container.state = 'ended';
    container.exit = { code: code ?? 0, detail: `exit ${code ?? 0}` };
    container.killed.abort();
    this.#changed();
  }

  #remove(container: VirtualContainer): void {
    if (container.state === 'gone') return;
    container.killedBusy = container.busy && container.state === 'running';
    const { session } = container;
    if (container.state === 'running' && session !== null) this.#parts.sessions.drop(session);
    container.state = 'gone';
    container.goneAt = this.#parts.time.now();
    this.#existing.delete(container.order.name);
    container.killed.abort();
    this.#changed();
  }

  #changed(): void {
    for (const { owner, call } of this.#watchers) if (owner?.alive !== false) call();
  }
}

/** Longer than any history. */
const FOR_EVER: Millis = 1e12;

function toContainer(container: VirtualContainer): Container {
  const { order, state, startedAt, exit, started, completed, runnerName } = container;
  const { name, className, scope, subnet, forJob, forAttempt } = order;
  return {
    name,
    state: state === 'gone' ? 'ended' : state,
    startedAt,
    readyAt: startedAt,
    exit,
    started,
    completed,
    mark: { className, scope, runnerName, subnet, forJob, forAttempt },
  };
}

/** The client id in a JIT config: base64 of a map of files, each base64 of JSON. */
function clientIdOf(credential: string): string {
  const { jitConfig } = JSON.parse(credential) as { jitConfig: string };
  const files = decoded(jitConfig) as Record<string, string>;
  const { Data } = decoded(files['.credentials'] ?? '') as { Data: { ClientId: string } };
  return Data.ClientId;
}

function decoded(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
}
