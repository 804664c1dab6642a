import type { Container, HostObservation } from '../../core/observation.ts';
import type { Millis } from '../../core/model.ts';
import type { ContainerOrder, Engine, Finding, Registered } from '../../core/ports.ts';
import type { MachineObserverOptions } from './observe.ts';
import type { MachineKind } from './kind.ts';
import type { Marked } from './mark.ts';
import type { Guest } from '../network/nft.ts';
import type { HostNetwork, HostNetworkOptions } from '../network/host-network.ts';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { whenAborted } from '../../abort.ts';
import { EngineError, messageOf } from '../../core/errors.ts';
import { removeCredential, writeCredential } from './credential.ts';
import { checkStrangers } from './doctor.ts';
import { MachineObserver } from './observe.ts';
import { markText, promiseBoot, readMarkFile, recordReady, rewriteMark } from './mark.ts';
import { removeHostileTree, removeMachineRemains } from './remove.ts';
import { makeSignalsDirectory } from '../signals.ts';
import { endUnit } from '../systemd/stop.ts';
import { watchUnits } from '../systemd/events.ts';
import { ChangeWatch } from '../change-watch.ts';

export interface MachineEngineOptions extends MachineObserverOptions, HostNetworkOptions {
  /** For `doctor`: what the policy wants of the host. */
  readonly subnets?: readonly number[];
  readonly maxConcurrent?: number;
  readonly minFreeDisk?: number;
}

interface Starting {
  readonly done: Promise<void>;
  readonly cancel: AbortController;
}

/** What one boot is made from. */
interface Boot {
  readonly registered: Registered;
  readonly marked: Marked;
  readonly startedAt: Millis;
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
  readonly #host: MachineObserver;
  /** Being made: there on the disk, but not to be believed yet. */
  readonly #making = new Set<string>();
  readonly #starting = new Map<string, Starting>();
  readonly #ending = new Map<string, Ending>();
  readonly #changes = new ChangeWatch();

  constructor(options: MachineEngineOptions, kind: MachineKind, network: HostNetwork) {
    this.#options = options;
    this.#kind = kind;
    this.#network = network;
    this.#host = new MachineObserver(options, kind);
  }

  async observe(promised: readonly string[], signal: AbortSignal): Promise<HostObservation> {
    signal.throwIfAborted();
    return this.#attempt('This host cannot be read', async () => {
      const doings = { making: this.#making, starting: this.#starting };
      const look = await this.#host.observe(new Set(promised), doings, signal);
      this.#network.know(this.#guests(look.containers));
      // Beside the service, a second process may look too: the host is the service's to keep, and only it watches.
      if (this.#changes.listening) await this.#maintain(look.containers, signal);
      return look;
    });
  }

  async create(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { name, subnet } = order;
    const paths = this.#host.paths(name);
    await this.#attempt(`${name} could not be created`, async () => {
      await mkdir(paths.instances, { recursive: true, mode: 0o700 });
      // Nothing may be made, and nothing removed again, under a name that is somebody else's.
      if (this.#host.taken().includes(name)) throw new EngineError('something of that name exists');
      if (await this.#host.hasUnit(name, signal)) throw new EngineError('a unit of that name exists');
      // Not recursive: to find it there means that somebody has the name. Synchronous, so that no look comes between.
      mkdirSync(paths.root, { mode: 0o700 });
      this.#making.add(name);
      try {
        await writeFile(paths.mark, markText(order, this.#options.controllerId), { mode: 0o600, flag: 'wx' });
        makeSignalsDirectory(paths.signals);
        // Both to their end, whatever the other does: what is undone below must not still be under way.
        const made = await Promise.allSettled([
          this.#kind.make(order, paths, signal),
          this.#network.add([{ name, subnet }], signal),
        ]);
        for (const each of made) if (each.status === 'rejected') throw each.reason;
        this.#changes.add(name, paths.signals);
      } catch (error) {
        await this.#remove(name, new AbortController().signal).catch(() => undefined);
        throw error;
      } finally {
        this.#making.delete(name);
      }
    });
  }

  async start(name: string, registered: Registered, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const paths = this.#host.paths(name);
    const marked = readMarkFile(paths);
    if (marked === null) throw new EngineError(`${name} cannot be started: it was never created`);
    this.#refuseForeign(name, marked);
    const startedAt = this.#options.clock.now();
    promiseBoot(name, paths, startedAt);
    const cancel = new AbortController();
    const forget = whenAborted(signal, (reason) => cancel.abort(reason));
    const done = this.#boot(name, { registered, marked, startedAt }, cancel.signal).finally(() => {
      forget();
      this.#starting.delete(name);
    });
    this.#starting.set(name, { done, cancel });
    await this.#attempt(`${name} could not be started`, () => done);
  }

  async discardCredential(name: string): Promise<void> {
    await this.#attempt(`The credential of ${name} could not be removed`, () =>
      removeCredential(this.#host.paths(name)),
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
    for (const name of this.#host.marks(this.#host.taken()).keys()) {
      this.#changes.add(name, this.#host.paths(name).signals);
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
    const marks = this.#host.marks(this.#host.taken());
    const isOurs = (name: string): boolean => marks.get(name)?.controllerId === this.#options.controllerId;
    return [...(await this.#kind.doctor(signal)), checkStrangers(this.#host.instances, isOurs)];
  }

  async #boot(name: string, { registered, marked, startedAt }: Boot, signal: AbortSignal): Promise<void> {
    const paths = this.#host.paths(name);
    const { runnerName, credential } = registered;
    try {
      if (runnerName !== marked.mark.runnerName) {
        const renamed = { ...marked, mark: { ...marked.mark, runnerName } };
        await rewriteMark(paths, renamed);
        await this.#kind.remark(name, renamed);
      }
      await writeCredential(paths, credential);
      await this.#kind.boot(name, paths, signal);
      await recordReady(paths, { startedAt, readyAt: this.#options.clock.now() });
    } finally {
      await removeCredential(paths);
    }
  }

  async #destroy(name: string, clean: boolean, cut: AbortSignal, signal: AbortSignal): Promise<void> {
    const marked = this.#host.marks([name]).get(name) ?? null;
    if (marked !== null) this.#refuseForeign(name, marked);
    const unit = marked === null ? ((await this.#host.units(signal)).get(name) ?? null) : null;
    // What has that name without being ours is left alone, and for us it is absent.
    if (!this.#host.isOurs(name, marked, unit, true)) return;
    await this.#callOffStart(name);
    await endUnit(`${this.#kind.template}@${name}.service`, { clean, cut }, signal);
    await this.#remove(name, signal);
  }

  /** Else the unit could appear after the last look for it. The start fails; what it has started is ended after this. */
  async #callOffStart(name: string): Promise<void> {
    const starting = this.#starting.get(name);
    starting?.cancel.abort();
    await starting?.done.catch(() => undefined);
  }

  async #remove(name: string, signal: AbortSignal): Promise<void> {
    const paths = this.#host.paths(name);
    await removeCredential(paths);
    await removeMachineRemains(name, signal);
    await this.#kind.remove(name, paths, signal);
    await this.#network.remove(name, signal);
    // Last: it holds the proof that the rest is ours.
    await removeHostileTree(paths.root, signal);
    this.#changes.remove(name);
  }

  /** What its owner does for the host with every look. */
  async #maintain(containers: readonly Container[], signal: AbortSignal): Promise<void> {
    for (const { name, readyAt } of containers) {
      const paths = this.#host.paths(name);
      this.#changes.add(name, paths.signals);
      // Loaded, and left behind by a controller that died.
      if (readyAt !== null && !this.#starting.has(name)) await removeCredential(paths);
    }
    // Also when there are none: a controller that was killed may have left the table.
    await this.#network.add(this.#guests(containers), signal);
  }

  /** Not one that is being destroyed, or was while we looked: nobody would take it out again. */
  #guests(containers: readonly Container[]): readonly Guest[] {
    return containers
      .filter(({ name }) => !this.#ending.has(name) && existsSync(this.#host.paths(name).root))
      .flatMap(({ name, mark }) => (mark === null ? [] : [{ name, subnet: mark.subnet }]));
  }

  #refuseForeign(name: string, { controllerId }: Marked): void {
    if (controllerId === this.#options.controllerId) return;
    throw new EngineError(`${name} belongs to another controller (id ${controllerId}) and is left alone`);
  }

  async #attempt<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new EngineError(`${what}: ${messageOf(error)}`, { cause: error });
    }
  }
}
