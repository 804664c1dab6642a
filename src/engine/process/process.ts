/**
 * `ENGINE=process`, for the demo and for development: a plain process per instance and no isolation at all. An instance
 * is a directory with a record of its process, and the process is known by its start time and its environment, so that a
 * restarted controller finds it again. Start reading here; `instance.ts` is one instance, `end.ts` ends its processes.
 */

import { mkdir, rm } from 'node:fs/promises';

import { untilEither } from '../../abort.ts';
import { EngineError } from '../../core/errors.ts';
import type { Container, HostObservation } from '../../core/observation.ts';
import type { Clock, ContainerOrder, Engine, Finding, Registered } from '../../core/ports.ts';
import { instantOf } from '../../core/time/instant.ts';
import { ChangeWatch } from '../change-watch.ts';
import { freeBytes } from '../free-bytes.ts';
import type { ContainerDriver, InProgress } from '../lifecycle.ts';
import { Lifecycle } from '../lifecycle.ts';
import { makeSignalsDirectory } from '../signals.ts';
import { checkProcessHost } from './doctor.ts';
import { askToEnd, killAll, processesOf } from './end.ts';
import { ProcessInstance } from './instance.ts';
import type { InstancePaths } from './paths.ts';
import { instanceNames, instancePaths } from './paths.ts';
import { listProcessesSoon } from './proc.ts';
import type { ProcessRecord } from './record.ts';
import { writeRecord } from './record.ts';
import { removeInstance } from './remove.ts';
import { startInstance } from './start.ts';

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
  const changes = new ChangeWatch();
  return new Lifecycle(options.controllerId, new ProcessDriver(options, () => changes.notify()), changes);
}

class ProcessDriver implements ContainerDriver {
  readonly #options: ProcessEngineOptions;
  readonly #onEnd: () => void;
  readonly #known = new Map<string, ProcessInstance>();

  constructor(options: ProcessEngineOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  paths(name: string): InstancePaths {
    return instancePaths(this.#options.stateDir, this.#options.runtimeDir, name);
  }

  ownerOf(name: string): string | null {
    return this.#instance(name).record?.controllerId ?? null;
  }

  /** Without a pause, so that it shows one moment. */
  observe(promised: ReadonlySet<string>, { making }: InProgress): HostObservation {
    const { clock, stateDir, subnetsInUse, controllerId } = this.#options;
    const askedAt = clock.now();
    const containers: Container[] = [];
    const subnets = new Set(subnetsInUse());
    const names = this.#namesInUse();
    for (const name of names) {
      if (making.has(name)) continue;
      const instance = this.#instance(name);
      const { record } = instance;
      if (record !== null && !promised.has(name)) subnets.add(record.mark.subnet);
      const ours = record === null ? promised.has(name) : record.controllerId === controllerId;
      if (ours) containers.push(instance.toContainer());
    }
    return {
      askedAt,
      containers,
      namesInUse: names,
      subnetsInUse: [...subnets],
      freeDisk: freeBytes(stateDir),
    };
  }

  /** It keeps nothing on the host beside its instances. */
  async maintain(): Promise<void> {
    await Promise.resolve();
  }

  /** The directory says who has the name; but whoever removed that of a running one has not ended its processes. */
  async refuseNameInUse(name: string): Promise<void> {
    const { signals } = this.paths(name);
    const target = { name, entries: [`RUNNER_SIGNALS=${signals}`], leader: null, endedAt: null };
    const pids = processesOf(target, await listProcessesSoon()).map(({ pid }) => pid);
    if (pids.length > 0) {
      throw new EngineError('exists', `processes of an earlier one still live: ${pids.join(', ')}`);
    }
  }

  async make(order: ContainerOrder): Promise<void> {
    const paths = this.paths(order.name);
    await writeRecord(paths.record, newRecord(order, this.#options.controllerId));
    await mkdir(paths.work, { mode: 0o700 });
    makeSignalsDirectory(paths.signals);
    this.#known.delete(order.name);
  }

  async start(name: string, { runnerName, credential }: Registered, signal: AbortSignal): Promise<void> {
    const instance = this.#instance(name);
    const { record } = instance;
    if (record === null) throw new EngineError('absent', 'it was never created');
    if (record.startedAt !== null) throw new EngineError('exists', 'it ran before');
    const { command, clock, environment = process.env } = this.#options;
    const order = { command, startedAt: instantOf(clock), environment, runnerName, credential, signal };
    await startInstance(instance, record, { ...order, onExit: () => this.#onExit(instance) });
  }

  async discardCredential(name: string): Promise<void> {
    await rm(this.paths(name).registration, { force: true });
  }

  async destroy(
    name: string,
    how: { readonly clean: boolean; readonly cut: AbortSignal },
    signal: AbortSignal,
  ): Promise<void> {
    const instance = this.#instance(name);
    if (how.clean) {
      const { leader } = instance.target();
      if (leader !== null) {
        const graceMs = this.#options.graceMs ?? GRACE_MS;
        await untilEither(how.cut, signal, (stop) => askToEnd(leader, graceMs, stop));
      }
      signal.throwIfAborted();
    }
    await killAll(instance.target(), signal);
    await this.remove(name);
  }

  async remove(name: string): Promise<void> {
    await removeInstance(this.paths(name));
    this.#known.delete(name);
  }

  watch(): { readonly names: readonly string[]; readonly watching: Disposable } {
    return { names: [...this.#known.keys()], watching: { [Symbol.dispose]: () => undefined } };
  }

  doctor(): Promise<readonly Finding[]> {
    return checkProcessHost(this.#options);
  }

  /** The directory's, and those that run although somebody removed their directory. */
  #namesInUse(): string[] {
    const names = new Set(instanceNames(this.#options.stateDir));
    for (const [name, instance] of this.#known) {
      if (names.has(name)) continue;
      if (instance.isRunning()) names.add(name);
      else this.#known.delete(name);
    }
    return [...names];
  }

  #instance(name: string): ProcessInstance {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const instance = new ProcessInstance(name, this.paths(name), this.#options.clock);
    // Without a record it may still be about to get one.
    if (instance.record !== null) this.#known.set(name, instance);
    return instance;
  }

  #onExit({ name, paths }: ProcessInstance): void {
    rm(paths.registration, { force: true }).catch((error: unknown) => {
      const fields = { container: name, err: error };
      this.#options.log.warn(fields, 'the credential of an ended instance could not be removed');
    });
    this.#onEnd();
  }
}

function newRecord(order: ContainerOrder, controllerId: string): ProcessRecord {
  const { className, scope, subnet, forJob, forAttempt } = order;
  const mark = { className, scope, runnerName: null, subnet, forJob, forAttempt };
  return { controllerId, mark, startedAt: null, process: null };
}
