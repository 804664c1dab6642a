import { existsSync } from 'node:fs';

import type { Container, HostObservation } from '../../core/observation.ts';
import type { Clock } from '../../core/ports.ts';
import { instantOf } from '../../core/time/instant.ts';
import { freeBytes } from '../free-bytes.ts';
import type { InProgress } from '../lifecycle.ts';
import { instanceOf, namesInUse } from '../names-in-use.ts';
import { linkOf } from '../network/nft.ts';
import { subnetsInUse } from '../network/subnets-in-use.ts';
import type { Unit } from '../systemd/units.ts';
import { showUnits } from '../systemd/units.ts';
import type { MachineKind } from './kind.ts';
import type { Marked } from './mark.ts';
import { readBoot, readMarkFile } from './mark.ts';
import type { MachinePaths } from './paths.ts';
import { isMachineName, machinePaths } from './paths.ts';
import { toContainer } from './to-container.ts';

export interface MachineObserverOptions {
  /** Absolute, as `runtimeDir` is. */
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly controllerId: string;
  readonly clock: Clock;
}

const RECENT_MS = 2000;

/** Reads the host: what there is, and whether it is ours. Changes nothing. */
export class MachineObserver {
  readonly #options: MachineObserverOptions;
  readonly #kind: MachineKind;
  #lastUnits: { readonly at: number; readonly units: ReadonlyMap<string, Unit> } | null = null;

  constructor(options: MachineObserverOptions, kind: MachineKind) {
    this.#options = options;
    this.#kind = kind;
  }

  async observe(
    promised: ReadonlySet<string>,
    inProgress: InProgress,
    signal: AbortSignal,
  ): Promise<HostObservation> {
    const { clock, stateDir } = this.#options;
    const askedAt = clock.now();
    // First what is being done, then what is on the disk, then the units: so each may only be newer than the one before.
    const starting = new Set(inProgress.starting.keys());
    const making = new Set(inProgress.making.keys());
    const names = this.namesInUse();
    const marks = this.marks(names);
    const boots = new Map(names.filter(isMachineName).map((name) => [name, readBoot(this.paths(name))]));
    const units = await this.units(signal);
    const containers: Container[] = [];
    for (const name of new Set([...names, ...units.keys()])) {
      if (!isMachineName(name) || making.has(name) || inProgress.making.has(name)) continue;
      const unit = units.get(name) ?? null;
      const marked = marks.get(name) ?? null;
      if (!this.isOurs(name, marked, unit, promised.has(name))) continue;
      const boot = boots.get(name) ?? null;
      const facts = { name, paths: this.paths(name), marked, boot, starting: starting.has(name), unit };
      containers.push(toContainer(facts, instantOf(clock)));
    }
    return {
      askedAt,
      containers,
      namesInUse: [...new Set([...names, ...units.keys()])],
      subnetsInUse: subnets(marks, promised, containers),
      freeDisk: freeBytes(this.#kind.disk) ?? freeBytes(stateDir),
    };
  }

  /** Names that something on this host has, units aside. */
  namesInUse(): readonly string[] {
    return namesInUse(this.instances);
  }

  /** The marks of these, and of all that carry one elsewhere than in an instance directory. */
  marks(names: readonly string[]): ReadonlyMap<string, Marked> {
    const marks = new Map(this.#kind.marked());
    for (const name of names.filter(isMachineName)) {
      const marked = readMarkFile(this.paths(name));
      if (marked !== null) marks.set(name, marked);
    }
    return marks;
  }

  async units(signal: AbortSignal): Promise<ReadonlyMap<string, Unit>> {
    const { template } = this.#kind;
    const units = new Map<string, Unit>();
    for (const unit of await showUnits([`${template}@*.service`], signal)) {
      const name = instanceOf(unit.id, template);
      if (name !== null) units.set(name, unit);
    }
    this.#lastUnits = { at: performance.now(), units };
    return units;
  }

  /**
   * Whether there is a unit of that name. While the newest answer is not old, a unit that it lacks counts as absent: to
   * ask once for each container of a burst would take longer than to make it.
   */
  async hasUnit(name: string, signal: AbortSignal): Promise<boolean> {
    const last = this.#lastUnits;
    if (last !== null && performance.now() - last.at < RECENT_MS && !last.units.has(name)) return false;
    return (await this.units(signal)).has(name);
  }

  /** The proof: a mark with our id, or a directory of a promised name, which we made before anything else. */
  isOurs(name: string, marked: Marked | null, unit: Unit | null, promised: boolean): boolean {
    const { controllerId } = this.#options;
    if (marked !== null) return marked.controllerId === controllerId;
    if (unit?.environment.split(' ').includes(`RUNNER_CONTROLLER_ID=${controllerId}`) === true) return true;
    return promised && existsSync(this.paths(name).root);
  }

  paths(name: string): MachinePaths {
    return machinePaths(this.#options.stateDir, this.#options.runtimeDir, name);
  }

  get instances(): string {
    return this.paths('x').instances;
  }
}

function subnets(
  marks: ReadonlyMap<string, Marked>,
  promised: ReadonlySet<string>,
  containers: readonly Container[],
): readonly number[] {
  const ours = new Set(containers.map(({ name }) => linkOf(name)));
  const unpromised = [...marks].filter(([name]) => !promised.has(name)).map(([, { mark }]) => mark.subnet);
  return [...new Set([...subnetsInUse((device) => ours.has(device)), ...unpromised])];
}
