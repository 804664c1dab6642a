import type { Container, HostObservation } from '../../core/observation.ts';
import type { Clock, ContainerOrder, Engine, Finding, Registered } from '../../core/ports.ts';
import type { InstancePaths } from './paths.ts';
import type { ProcessRecord } from './record.ts';
import { mkdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { EngineError, messageOf } from '../../core/errors.ts';
import { freeBytes } from '../free-bytes.ts';
import { checkProcessHost } from './doctor.ts';
import { listProcessesSoon } from './proc.ts';
import { askToEnd, killAll, processesOf } from './end.ts';
import { ProcessInstance } from './instance.ts';
import { instanceNames, instancePaths } from './paths.ts';
import { writeRecord } from './record.ts';
import { removeInstance } from './remove.ts';
import { startInstance } from './start.ts';
import { makeSignalsDirectory } from '../signals.ts';
import { untilEither } from '../until-either.ts';
import { ChangeWatch } from '../change-watch.ts';

export interface ProcessEngineOptions {
  /** Absolute, as `runtimeDir` is. */
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** `PROCESS_RUNNER`: run by `/bin/sh -c`. */
  readonly command: string;
  readonly controllerId: string;
  readonly clock: Clock;
  /** What goes wrong behind a caller's back. */
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** Every N whose 192.168.N.0/24 meets an address or route of the host. */
  readonly subnetsInUse: () => readonly number[];
  /** Where `PATH` and `LANG` are taken from; the controller's own environment by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that a clean end may take. */
  readonly graceMs?: number;
}

const GRACE_MS = 60_000;

/** `ENGINE=process`: a plain process per instance, no isolation at all. See docs/process-engine.md. */
export function createProcessEngine(options: ProcessEngineOptions): Engine {
  return new ProcessEngine(options);
}

class ProcessEngine implements Engine {
  readonly #options: ProcessEngineOptions;
  readonly #known = new Map<string, ProcessInstance>();
  /** Being made: there on the disk, but not to be believed yet. */
  readonly #making = new Set<string>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #ending = new Map<string, { readonly done: Promise<void>; readonly cut: AbortController }>();
  readonly #changes = new ChangeWatch();

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
  }

  async observe(promised: readonly string[], signal: AbortSignal): Promise<HostObservation> {
    signal.throwIfAborted();
    return this.#attempt('The instances of the process engine cannot be read', () => this.#look(promised));
  }

  async create(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { name } = order;
    const paths = this.#paths(name);
    await this.#attempt(`${name} could not be created`, async () => {
      await refuseLeftProcesses(name, paths);
      await mkdir(paths.instances, { recursive: true, mode: 0o700 });
      // Not recursive: to find it there means that somebody has the name. Synchronous, so that no look comes between.
      mkdirSync(paths.root, { mode: 0o700 });
      this.#making.add(name);
      try {
        await writeRecord(paths.record, newRecord(order, this.#options.controllerId));
        await mkdir(paths.work, { mode: 0o700 });
        makeSignalsDirectory(paths.signals);
        this.#known.delete(name);
        this.#changes.add(name, paths.signals);
      } catch (error) {
        await removeInstance(paths).catch(() => undefined);
        throw error;
      } finally {
        this.#making.delete(name);
      }
    });
  }

  async start(name: string, registered: Registered, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const instance = this.#instance(name);
    const { record } = instance;
    if (record === null) throw new EngineError(`${name} cannot be started: it was never created`);
    this.#refuseForeign(name, record);
    if (record.startedAt !== null) throw new EngineError(`${name} cannot be started: it ran before`);
    const mark = { ...record.mark, runnerName: registered.runnerName };
    const started = startInstance(
      instance,
      { ...record, mark },
      {
        command: this.#options.command,
        startedAt: this.#options.clock.now(),
        environment: this.#options.environment ?? process.env,
        credential: registered.credential,
        signal,
        onExit: () => this.#onExit(instance),
      },
    ).finally(() => this.#starting.delete(name));
    this.#starting.set(name, started);
    await this.#attempt(`${name} could not be started`, () => started);
  }

  async discardCredential(name: string): Promise<void> {
    await this.#attempt(`The credential of ${name} could not be removed`, () =>
      rm(this.#paths(name).registration, { force: true }),
    );
  }

  async destroy(name: string, how: { readonly clean: boolean }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let ending = this.#ending.get(name);
    if (ending === undefined) {
      const cut = new AbortController();
      const done = this.#destroy(name, how.clean, cut.signal, signal).finally(() =>
        this.#ending.delete(name),
      );
      ending = { done, cut };
      this.#ending.set(name, ending);
    } else if (!how.clean) {
      ending.cut.abort();
    }
    await this.#attempt(`${name} could not be destroyed`, () => ending.done);
  }

  watch(onChange: () => void): Disposable {
    const listening = this.#changes.listen(onChange);
    for (const { name, paths } of this.#known.values()) this.#changes.add(name, paths.signals);
    return listening;
  }

  doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    signal.throwIfAborted();
    return checkProcessHost(this.#options);
  }

  /** Without a pause, so that it shows one moment. */
  #look(promised: readonly string[]): HostObservation {
    const { clock, stateDir, subnetsInUse, controllerId } = this.#options;
    const askedAt = clock.now();
    const wanted = new Set(promised);
    const containers: Container[] = [];
    const subnets = new Set(subnetsInUse());
    const names = this.#namesInUse();
    for (const name of names) {
      if (this.#making.has(name)) continue;
      const instance = this.#instance(name);
      const { record } = instance;
      if (record !== null && !wanted.has(name)) subnets.add(record.mark.subnet);
      const ours = record === null ? wanted.has(name) : record.controllerId === controllerId;
      if (!ours) continue;
      containers.push(instance.toContainer());
      this.#changes.add(name, instance.paths.signals);
    }
    return {
      askedAt,
      containers,
      namesInUse: names,
      subnetsInUse: [...subnets],
      freeDisk: freeBytes(stateDir),
    };
  }

  async #destroy(name: string, clean: boolean, cut: AbortSignal, signal: AbortSignal): Promise<void> {
    // Else the process could be made after the last look for it.
    await this.#starting.get(name)?.catch(() => undefined);
    const instance = this.#instance(name);
    const { record, paths } = instance;
    if (record !== null) this.#refuseForeign(name, record);
    if (clean) {
      const { leader } = instance.target();
      if (leader !== null) {
        const graceMs = this.#options.graceMs ?? GRACE_MS;
        await untilEither(cut, signal, (stop) => askToEnd(leader, graceMs, stop));
      }
      signal.throwIfAborted();
    }
    await killAll(instance.target(), signal);
    await removeInstance(paths);
    this.#forget(name);
  }

  /** The directory's, and those that run although somebody removed their directory. */
  #namesInUse(): string[] {
    const names = new Set(instanceNames(this.#options.stateDir));
    for (const [name, instance] of this.#known) {
      if (names.has(name)) continue;
      if (instance.isRunning()) names.add(name);
      else this.#forget(name);
    }
    return [...names];
  }

  #instance(name: string): ProcessInstance {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const instance = new ProcessInstance(name, this.#paths(name));
    // Without a record it may still be about to get one.
    if (instance.record !== null) this.#known.set(name, instance);
    return instance;
  }

  #forget(name: string): void {
    this.#known.delete(name);
    this.#changes.remove(name);
  }

  #onExit({ name, paths }: ProcessInstance): void {
    rm(paths.registration, { force: true }).catch((error: unknown) => {
      const fields = { container: name, err: error };
      this.#options.log.warn(fields, 'the credential of an ended instance could not be removed');
    });
    this.#changes.notify();
  }

  #refuseForeign(name: string, { controllerId }: ProcessRecord): void {
    if (controllerId === this.#options.controllerId) return;
    throw new EngineError(`${name} belongs to another controller (id ${controllerId}) and is left alone`);
  }

  #paths(name: string): InstancePaths {
    return instancePaths(this.#options.stateDir, this.#options.runtimeDir, name);
  }

  async #attempt<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new EngineError(`${what}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Whoever removed the directory of a running one has not ended its processes. */
async function refuseLeftProcesses(name: string, { signals }: InstancePaths): Promise<void> {
  const target = { name, entries: [`RUNNER_SIGNALS=${signals}`], leader: null, endedAt: null };
  const pids = processesOf(target, await listProcessesSoon()).map(({ pid }) => pid);
  if (pids.length > 0) throw new EngineError(`processes of an earlier one still live: ${pids.join(', ')}`);
}

function newRecord(order: ContainerOrder, controllerId: string): ProcessRecord {
  const { className, scope, runnerName, subnet, forJob, forAttempt } = order;
  const mark = { className, scope, runnerName, subnet, forJob, forAttempt };
  return { controllerId, mark, startedAt: null, process: null };
}
