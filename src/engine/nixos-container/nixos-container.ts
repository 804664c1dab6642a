/**
 * `ENGINE=nixos-container`, for NixOS: drives the CLI of that name and NixOS's own `container@.service`. Beside the
 * instance directory a container has a conf file, a profile, a root directory and a drop-in, which `remove.ts` clears.
 * Start reading here; `conf.ts` and `drop-in.ts` add what the CLI has no flags for, `template.ts` and `system.ts` say
 * what is booted.
 */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError } from '../../core/errors.ts';
import type { ContainerOrder, Engine, Finding } from '../../core/ports.ts';
import { containerAddress, hostAddress } from '../../core/subnets.ts';
import { CommandError, run } from '../command.ts';
import type { MachineEngineOptions } from '../machine/engine.ts';
import { createMachineEngine } from '../machine/engine.ts';
import { readEnd, recordScript } from '../machine/exit-record.ts';
import type { MachineKind } from '../machine/kind.ts';
import type { Marked } from '../machine/mark.ts';
import { readMarkFile } from '../machine/mark.ts';
import type { MachinePaths } from '../machine/paths.ts';
import { CONTAINERS_DIR } from '../names-in-use.ts';
import { HostNetwork } from '../network/host-network.ts';
import { startUnit } from '../systemd/start.ts';
import { supportsSuppressSync } from '../systemd/version.ts';
import type { NixosContainerClass } from './class.ts';
import { appendConf, confLines, confPath, markedConfs, runnerLine } from './conf.ts';
import { checkNixosHost } from './doctor.ts';
import { dropIn, writeDropIn } from './drop-in.ts';
import { removeNixosRemains } from './remove.ts';
import { readSystemFacts } from './system.ts';
import { TemplateStore } from './template.ts';

export interface NixosContainerEngineOptions extends MachineEngineOptions {
  /** `NIXOS_CONTAINER_BIN`. */
  readonly bin: string;
  /** By name; a container of a class that is not here has no limits, and needs a system. */
  readonly classes: ReadonlyMap<string, NixosContainerClass>;
  /** For `nix-build`; the project's own when absent. */
  readonly templateExpression?: string;
}

const TEMPLATE = 'container';
const CREATE_DEADLINE_MS = 60_000;
/** The unit's own start and stop time-outs together, and some more. */
const START_DEADLINE_MS = 150_000;
const DESTROY_DEADLINE_MS = 120_000;
const DEFAULT_CLASS: NixosContainerClass = { limits: {}, privateUsers: false, containerTemplate: null };

/** `ENGINE=nixos-container`: drives NixOS's CLI of that name and its `container@.service`. See docs/engines.md. */
export function createNixosContainerEngine(options: NixosContainerEngineOptions): Engine {
  return createMachineEngine(options, new NixosKind(options), new HostNetwork(options));
}

class NixosKind implements MachineKind {
  readonly template = TEMPLATE;
  readonly disk = CONTAINERS_DIR;
  readonly #options: NixosContainerEngineOptions;
  readonly #templates: TemplateStore;

  constructor(options: NixosContainerEngineOptions) {
    this.#options = options;
    this.#templates = new TemplateStore(options.stateDir, options.templateExpression);
  }

  marked(): ReadonlyMap<string, Marked> {
    return markedConfs();
  }

  async make(order: ContainerOrder, paths: MachinePaths, signal: AbortSignal): Promise<void> {
    const { name } = order;
    const { privateUsers } = this.#class(order.className);
    const system = await this.#system(order, signal);
    const { nspawnFlags } = await readSystemFacts(system);
    await writeFile(join(paths.root, 'end'), recordScript(unitOf(name), paths), { mode: 0o700 });
    const addresses = [
      '--host-address',
      hostAddress(order.subnet),
      '--local-address',
      containerAddress(order.subnet),
    ];
    await run([this.#options.bin, 'create', name, '--system-path', system, ...addresses], {
      signal,
      deadlineMs: CREATE_DEADLINE_MS,
      cwd: paths.root,
    });
    // It would be booted from what an earlier container of that name left: the CLI does not look.
    if (existsSync(join(CONTAINERS_DIR, name))) {
      throw new EngineError(
        'exists',
        `${join(CONTAINERS_DIR, name)} exists already; a leftover root is never used again`,
      );
    }
    const { controllerId } = this.#options;
    const suppressSync = await supportsSuppressSync();
    const conf = { order, paths, controllerId, privateUsers, suppressSync, nspawnFlags };
    await appendConf(name, confLines(conf));
  }

  async noteRunner(name: string, runnerName: string): Promise<void> {
    await appendConf(name, runnerLine(runnerName));
  }

  async boot(name: string, paths: MachinePaths, signal: AbortSignal): Promise<void> {
    const marked = readMarkFile(paths);
    if (marked === null) throw new EngineError('absent', 'its mark is gone');
    // Now, not at `make`: below /run it would not survive a restart of the host.
    await writeDropIn(name, dropIn(this.#class(marked.mark.className), paths));
    await startUnit(unitOf(name), [this.#options.bin, 'start', name], {
      endOf: () => readEnd(paths)?.detail ?? null,
      deadlineMs: START_DEADLINE_MS,
      signal,
    });
  }

  async remove(name: string, _paths: MachinePaths, signal: AbortSignal): Promise<void> {
    if (existsSync(confPath(name))) await this.#destroy(name, signal);
    await removeNixosRemains(name, signal);
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    const built = (template: string): Promise<string | null> => this.#templates.builtOf(template);
    return checkNixosHost({ ...this.#options, built }, signal);
  }

  async #destroy(name: string, signal: AbortSignal): Promise<void> {
    try {
      await run([this.#options.bin, 'destroy', name], { signal, deadlineMs: DESTROY_DEADLINE_MS });
    } catch (error) {
      signal.throwIfAborted();
      // Its exit status says little either way: what it left is removed and verified after it.
      if (!(error instanceof CommandError)) throw error;
    }
  }

  async #system(order: ContainerOrder, signal: AbortSignal): Promise<string> {
    if (order.system !== null) return order.system;
    const { containerTemplate } = this.#class(order.className);
    if (containerTemplate === null) {
      throw new EngineError(
        'not-buildable',
        `class ${order.className} has neither a container system nor a template`,
      );
    }
    return this.#templates.systemOf(containerTemplate, signal);
  }

  #class(name: string): NixosContainerClass {
    return this.#options.classes.get(name) ?? DEFAULT_CLASS;
  }
}

function unitOf(name: string): string {
  return `${TEMPLATE}@${name}.service`;
}
