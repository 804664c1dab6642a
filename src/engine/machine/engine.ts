/**
 * Containers of systemd-nspawn, each in a unit of its own: what both kinds share. A container is an instance directory
 * below STATE_DIR (mark, boot, record of its end, signals), a unit, a link, and what its kind adds (`kind.ts`). The unit
 * alone tells of an end, and the mark alone proves whose it is. This folder may use `systemd` and `network`; it
 * knows neither kind. Start reading here; `observe.ts` reads the host, `remove.ts` clears what a hostile job left.
 */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { EngineError } from '../../core/errors.ts';
import type { Container, HostObservation } from '../../core/observation.ts';
import type { ContainerOrder, Engine, Finding, Registered } from '../../core/ports.ts';
import { instantOf } from '../../core/time/instant.ts';
import type { ContainerDriver, InProgress } from '../lifecycle.ts';
import { Lifecycle } from '../lifecycle.ts';
import type { HostNetwork, HostNetworkOptions } from '../network/host-network.ts';
import type { Guest } from '../network/nft.ts';
import { makeSignalsDirectory } from '../signals.ts';
import { watchUnits } from '../systemd/events.ts';
import { endUnit } from '../systemd/stop.ts';
import { removeCredential, writeCredential } from './credential.ts';
import { checkStrangers } from './doctor.ts';
import type { MachineKind } from './kind.ts';
import { markText, promiseBoot, recordReady } from './mark.ts';
import type { MachineObserverOptions } from './observe.ts';
import { MachineObserver } from './observe.ts';
import type { MachinePaths } from './paths.ts';
import { removeHostileTree, removeMachineRemains } from './remove.ts';

export interface MachineEngineOptions extends MachineObserverOptions, HostNetworkOptions {
  /** For `doctor`: what the policy wants of the host. */
  readonly subnets?: readonly number[];
  readonly maxConcurrent?: number;
  readonly minFreeDisk?: number;
}

/** An engine whose containers are machines of systemd-nspawn, each in a unit of its own. */
export function createMachineEngine(
  options: MachineEngineOptions,
  kind: MachineKind,
  network: HostNetwork,
): Engine {
  return new Lifecycle(options.controllerId, new MachineDriver(options, kind, network));
}

/** What both kinds of machine have in common: promises on disk, one observation of all units, one way to an end. */
class MachineDriver implements ContainerDriver {
  readonly #options: MachineEngineOptions;
  readonly #kind: MachineKind;
  readonly #network: HostNetwork;
  readonly #host: MachineObserver;

  constructor(options: MachineEngineOptions, kind: MachineKind, network: HostNetwork) {
    this.#options = options;
    this.#kind = kind;
    this.#network = network;
    this.#host = new MachineObserver(options, kind);
  }

  paths(name: string): MachinePaths {
    return this.#host.paths(name);
  }

  ownerOf(name: string): string | null {
    return this.#host.marks([name]).get(name)?.controllerId ?? null;
  }

  async observe(
    promised: ReadonlySet<string>,
    inProgress: InProgress,
    signal: AbortSignal,
  ): Promise<HostObservation> {
    const seen = await this.#host.observe(promised, inProgress, signal);
    this.#network.know(this.#guests(seen.containers, inProgress));
    return seen;
  }

  async maintain(
    containers: readonly Container[],
    inProgress: InProgress,
    signal: AbortSignal,
  ): Promise<void> {
    for (const { name, readyAt } of containers) {
      // The credential was loaded, and left behind by a controller that died.
      if (readyAt !== null && !inProgress.starting.has(name)) await removeCredential(this.paths(name));
    }
    // Also when there are none: a controller that was killed may have left the table.
    await this.#network.add(this.#guests(containers, inProgress), signal);
  }

  async refuseNameInUse(name: string, signal: AbortSignal): Promise<void> {
    if (this.#host.namesInUse().includes(name))
      throw new EngineError('exists', 'something of that name exists');
    if (await this.#host.hasUnit(name, signal)) throw new EngineError('exists', 'a unit of that name exists');
  }

  async make(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    const { name, subnet } = order;
    const paths = this.paths(name);
    await writeFile(paths.mark, markText(order, this.#options.controllerId), { mode: 0o600, flag: 'wx' });
    makeSignalsDirectory(paths.signals);
    // Both to their end, whatever the other does: what is undone after a failure must not still be under way.
    const made = await Promise.allSettled([
      this.#kind.make(order, paths, signal),
      this.#network.add([{ name, subnet }], signal),
    ]);
    for (const each of made) if (each.status === 'rejected') throw each.reason;
  }

  async start(name: string, registered: Registered, signal: AbortSignal): Promise<void> {
    const paths = this.paths(name);
    const { runnerName, credential } = registered;
    const { clock } = this.#options;
    const startedAt = instantOf(clock);
    promiseBoot(paths, { runnerName, startedAt, readyAt: null });
    try {
      await this.#kind.noteRunner(name, runnerName);
      await writeCredential(paths, credential);
      await this.#kind.boot(name, paths, signal);
      await recordReady(paths, { runnerName, startedAt, readyAt: instantOf(clock) });
    } finally {
      await removeCredential(paths);
    }
  }

  async discardCredential(name: string): Promise<void> {
    await removeCredential(this.paths(name));
  }

  async destroy(
    name: string,
    how: { readonly clean: boolean; readonly cut: AbortSignal },
    signal: AbortSignal,
  ): Promise<void> {
    const marked = this.#host.marks([name]).get(name) ?? null;
    const unit = marked === null ? ((await this.#host.units(signal)).get(name) ?? null) : null;
    if (!this.#host.isOurs(name, marked, unit, true)) return;
    await endUnit(`${this.#kind.template}@${name}.service`, how, signal);
    await this.remove(name, signal);
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const paths = this.paths(name);
    await removeCredential(paths);
    await removeMachineRemains(name, signal);
    await this.#kind.remove(name, paths, signal);
    await this.#network.remove(name, signal);
    // Last: it holds the proof that the rest is ours.
    await removeHostileTree(paths.root, signal);
  }

  watch(onChange: () => void): { readonly names: readonly string[]; readonly watching: Disposable } {
    const watching = watchUnits(`${this.#kind.template}@`, onChange);
    return { names: [...this.#host.marks(this.#host.namesInUse()).keys()], watching };
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    const marks = this.#host.marks(this.#host.namesInUse());
    const isOurs = (name: string): boolean => marks.get(name)?.controllerId === this.#options.controllerId;
    return [...(await this.#kind.doctor(signal)), checkStrangers(this.#host.instances, isOurs)];
  }

  /** Not one that is being destroyed, or was while we observed: nobody would take it out again. */
  #guests(containers: readonly Container[], { ending }: InProgress): readonly Guest[] {
    return containers
      .filter(({ name }) => !ending.has(name) && existsSync(this.paths(name).root))
      .flatMap(({ name, mark }) => (mark === null ? [] : [{ name, subnet: mark.subnet }]));
  }
}
