import type { Container, HostLook } from '../core/model.ts';
import type { Clock, ContainerOrder, Engine, Finding, Sealed } from '../core/ports.ts';
import type { MachineKind } from './machine-kind.ts';
import type { Marked } from './machine-mark.ts';
import type { MachinePaths } from './machine-paths.ts';
import type { HostNetwork } from './network.ts';
import type { Unit } from './units.ts';
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { EngineError } from '../core/errors.ts';
import { removeCredential, writeCredential } from './credential.ts';
import { checkStrangers } from './doctor-host.ts';
import { subnetsInUse } from './host-network.ts';
import { toContainer } from './machine-look.ts';
import { markText, promiseBoot, readBoot, readMarkFile, recordReady } from './machine-mark.ts';
import { machinePaths } from './machine-paths.ts';
import { removeHostileTree, removeMachineRemains } from './machine-remains.ts';
import { linkOf } from './nft.ts';
import { makeSignalsDirectory } from './signals.ts';
import { instanceOf, takenNames } from './taken.ts';
import { endUnit } from './unit-end.ts';
import { watchUnits } from './unit-events.ts';
import { showUnits } from './units.ts';
import { ChangeWatch } from './watch.ts';

export interface MachineEngineOptions {
  /** Absolute, as `runtimeDir` is. */
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly controllerId: string;
  readonly clock: Clock;
  /** For `doctor`: what the policy wants of the host. */
  readonly subnets?: readonly number[];
  readonly maxConcurrent?: number;
  readonly minFreeDisk?: number;
}

interface Ending {
  readonly done: Promise<void>;
  readonly cut: AbortController;
}

/** What both engines over systemd have in common: promises on disk, one look at all units, one way to an end. */
export class MachineEngine implements Engine {
  readonly #options: MachineEngineOptions;
  readonly #kind: MachineKind;
  readonly #network: HostNetwork;
  /** Being made: there on the disk, but not to be believed yet. */
  readonly #making = new Set<string>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #ending = new Map<string, Ending>();
  readonly #changes = new ChangeWatch();

  constructor(options: MachineEngineOptions, kind: MachineKind, network: HostNetwork) {
    this.#options = options;
    this.#kind = kind;
    this.#network = network;
  }

  async look(promised: readonly string[], signal: AbortSignal): Promise<HostLook> {
    signal.throwIfAborted();
    const { clock, stateDir } = this.#options;
    const askedAt = clock.now();
    // First what is being done, then what is on the disk, then the units: so each may only be newer than the one before.
    const starting = new Set(this.#starting.keys());
    const making = new Set(this.#making);
    const taken = takenNames(this.#paths('x').instances);
    const marks = this.#marks(taken);
    const boots = new Map(
      taken.map((name) => [name, this.#isName(name) ? readBoot(this.#paths(name)) : null]),
    );
    const units = await this.#units(signal);
    const wanted = new Set(promised);
    const containers: Container[] = [];
    for (const name of new Set([...taken, ...units.keys()])) {
      if (making.has(name) || this.#making.has(name) || !this.#isName(name)) continue;
      const unit = units.get(name) ?? null;
      const marked = marks.get(name) ?? null;
      if (!this.#isOurs(name, marked, unit, wanted.has(name))) continue;
      const paths = this.#paths(name);
      const facts = {
        name,
        paths,
        marked,
        boot: boots.get(name) ?? null,
        starting: starting.has(name),
        unit,
      };
      const container = toContainer(facts, clock.now());
      containers.push(container);
      this.#changes.add(name, paths.signals);
      if (container.readyAt !== null && !starting.has(name)) await removeCredential(paths);
    }
    await this.#keepApart(containers, signal);
    const ours = new Set(containers.map(({ name }) => linkOf(name)));
    return {
      askedAt,
      containers,
      taken: [...new Set([...taken, ...units.keys()])],
      subnetsInUse: this.#subnets(marks, wanted, ours),
      freeDisk: freeBytes(this.#kind.disk) ?? freeBytes(stateDir),
    };
  }

  async create(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { name, subnet } = order;
    const paths = this.#paths(name);
    await this.#attempt(`${name} could not be created`, async () => {
      await mkdir(paths.instances, { recursive: true, mode: 0o700 });
      if (takenNames(paths.instances).includes(name)) throw new EngineError('something of that name exists');
      // Not recursive: to find it there means that somebody has the name. Synchronous, so that no look comes between.
      mkdirSync(paths.root, { mode: 0o700 });
      this.#making.add(name);
      try {
        await writeFile(paths.mark, markText(order, this.#options.controllerId), { mode: 0o600, flag: 'wx' });
        makeSignalsDirectory(paths.signals);
        if ((await this.#units(signal)).has(name)) throw new EngineError('a unit of that name exists');
        await Promise.all([
          this.#kind.make(order, paths, signal),
          this.#network.add([{ name, subnet }], signal),
        ]);
        this.#changes.add(name, paths.signals);
      } catch (error) {
        await this.#remove(name, new AbortController().signal).catch(() => undefined);
        throw error;
      } finally {
        this.#making.delete(name);
      }
    });
  }

  async start(name: string, credential: Sealed, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const paths = this.#paths(name);
    const marked = readMarkFile(paths);
    if (marked === null) throw new EngineError(`${name} cannot be started: it was never created`);
    this.#refuseForeign(name, marked);
    const startedAt = this.#options.clock.now();
    promiseBoot(name, paths, startedAt);
    const started = this.#boot(name, paths, credential, startedAt, signal).finally(() =>
      this.#starting.delete(name),
    );
    this.#starting.set(name, started);
    await this.#attempt(`${name} could not be started`, () => started);
  }

  async settled(name: string): Promise<void> {
    await this.#attempt(`The credential of ${name} could not be removed`, () =>
      removeCredential(this.#paths(name)),
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
    const { done } = ending;
    await this.#attempt(`${name} could not be destroyed`, () => done);
  }

  watch(onChange: () => void): Disposable {
    const changes = this.#changes.listen(onChange);
    const units = watchUnits(`${this.#kind.template}@`, onChange);
    for (const name of takenNames(this.#paths('x').instances)) {
      if (this.#isName(name) && readMarkFile(this.#paths(name)) !== null)
        this.#changes.add(name, this.#paths(name).signals);
    }
    return {
      [Symbol.dispose]() {
        changes[Symbol.dispose]();
        units[Symbol.dispose]();
      },
    };
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    signal.throwIfAborted();
    const { instances } = this.#paths('x');
    const marks = this.#marks(takenNames(instances));
    const isOurs = (name: string): boolean => marks.get(name)?.controllerId === this.#options.controllerId;
    return [...(await this.#kind.doctor(signal)), checkStrangers(instances, isOurs)];
  }

  async #boot(
    name: string,
    paths: MachinePaths,
    credential: Sealed,
    startedAt: number,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await writeCredential(paths, credential);
      await this.#kind.boot(name, paths, signal);
      await recordReady(paths, { startedAt, readyAt: this.#options.clock.now() });
    } finally {
      await removeCredential(paths);
    }
  }

  async #destroy(name: string, clean: boolean, cut: AbortSignal, signal: AbortSignal): Promise<void> {
    const marked = this.#marks([name]).get(name) ?? null;
    if (marked !== null) this.#refuseForeign(name, marked);
    const unit = (await this.#units(signal)).get(name) ?? null;
    // What has that name without being ours is left alone, and for us it is absent.
    if (!this.#isOurs(name, marked, unit, true)) return;
    await endUnit(`${this.#kind.template}@${name}.service`, { clean, cut }, signal);
    // A start that is cut off by this fails now, and must not write anything after the directory is gone.
    await this.#starting.get(name)?.catch(() => undefined);
    await this.#remove(name, signal);
  }

  async #remove(name: string, signal: AbortSignal): Promise<void> {
    const paths = this.#paths(name);
    await removeCredential(paths);
    await removeMachineRemains(name, signal);
    await this.#kind.remove(name, paths, signal);
    await this.#network.remove(name, signal);
    // Last: it holds the proof that the rest is ours.
    await removeHostileTree(paths.root, signal);
    this.#changes.remove(name);
  }

  async #keepApart(containers: readonly Container[], signal: AbortSignal): Promise<void> {
    // Not one that is being destroyed, or was while we looked: nobody would take it out again.
    const guests = containers
      .filter(({ name }) => !this.#ending.has(name) && existsSync(this.#paths(name).root))
      .flatMap(({ name, mark }) => (mark === null ? [] : [{ name, subnet: mark.subnet }]));
    // Also when there are none: a controller that was killed may have left the table.
    await this.#network.add(guests, signal);
  }

  #marks(names: readonly string[]): ReadonlyMap<string, Marked> {
    const marks = new Map(this.#kind.marked());
    for (const name of names) {
      const marked = this.#isName(name) ? readMarkFile(this.#paths(name)) : null;
      if (marked !== null) marks.set(name, marked);
    }
    return marks;
  }

  async #units(signal: AbortSignal): Promise<ReadonlyMap<string, Unit>> {
    const { template } = this.#kind;
    const units = new Map<string, Unit>();
    for (const unit of await showUnits([`${template}@*.service`], signal)) {
      const name = instanceOf(unit.id, template);
      if (name !== null) units.set(name, unit);
    }
    return units;
  }

  /** The proof: a mark with our id, or a directory of a promised name, which we made before anything else. */
  #isOurs(name: string, marked: Marked | null, unit: Unit | null, promised: boolean): boolean {
    const { controllerId } = this.#options;
    if (marked !== null) return marked.controllerId === controllerId;
    if (unit?.environment.split(' ').includes(`RUNNER_CONTROLLER_ID=${controllerId}`) === true) return true;
    return promised && existsSync(this.#paths(name).root);
  }

  #refuseForeign(name: string, { controllerId }: Marked): void {
    if (controllerId === this.#options.controllerId) return;
    throw new EngineError(`${name} belongs to another controller (id ${controllerId}) and is left alone`);
  }

  #subnets(
    marks: ReadonlyMap<string, Marked>,
    promised: ReadonlySet<string>,
    ours: ReadonlySet<string>,
  ): readonly number[] {
    const unpromised = [...marks].filter(([name]) => !promised.has(name)).map(([, { mark }]) => mark.subnet);
    return [...new Set([...subnetsInUse((device) => ours.has(device)), ...unpromised])];
  }

  #isName(name: string): boolean {
    return /^[a-zA-Z0-9_-]{1,11}$/.test(name);
  }

  #paths(name: string): MachinePaths {
    return machinePaths(this.#options.stateDir, this.#options.runtimeDir, name);
  }

  async #attempt<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new EngineError(`${what}: ${why}`, { cause: error });
    }
  }
}

function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
