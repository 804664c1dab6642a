/**
 * `ENGINE=nspawn`, for any host with systemd: a transient unit runs systemd-nspawn over an overlay whose lower layer is
 * the operator's OS tree. All that it makes is in the instance directory. Start reading here; `unit.ts` writes the unit
 * and its scripts.
 */

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError } from '../../core/errors.ts';
import type { ContainerOrder, Engine, Finding } from '../../core/ports.ts';
import type { MachineEngineOptions } from '../machine/engine.ts';
import { createMachineEngine } from '../machine/engine.ts';
import { readEnd, recordScript } from '../machine/exit-record.ts';
import type { MachineKind } from '../machine/kind.ts';
import type { ContainerClass } from '../machine/limits.ts';
import type { Marked } from '../machine/mark.ts';
import { readMarkFile } from '../machine/mark.ts';
import type { MachinePaths } from '../machine/paths.ts';
import { HostNetwork } from '../network/host-network.ts';
import { resolvConf, usableResolvers } from '../network/resolvers.ts';
import { startUnit } from '../systemd/start.ts';
import { supportsSuppressSync } from '../systemd/version.ts';
import { checkNspawnHost } from './doctor.ts';
import { bootScript, networkScript, unitArguments } from './unit.ts';

export interface NspawnEngineOptions extends MachineEngineOptions {
  /** `NSPAWN_ROOTFS`: an OS tree, never written to. */
  readonly rootfs: string;
  /** By name; a container of a class that is not here has no limits. */
  readonly classes: ReadonlyMap<string, ContainerClass>;
  /** How long a container may take to get ready. */
  readonly startTimeoutMs?: number;
}

const TEMPLATE = 'runner-container';
const START_TIMEOUT_MS = 90_000;
/** Over the unit's own time-out, so that systemd is the one who says that it took too long. */
const GRACE_MS = 10_000;
const NO_LIMITS: ContainerClass = { limits: {}, privateUsers: false };

/** `ENGINE=nspawn`: a transient unit with systemd-nspawn over an overlay of one OS tree. See docs/engines.md. */
export function createNspawnEngine(options: NspawnEngineOptions): Engine {
  return createMachineEngine(options, new NspawnKind(options), new HostNetwork(options));
}

class NspawnKind implements MachineKind {
  readonly template = TEMPLATE;
  readonly disk: string;
  readonly #options: NspawnEngineOptions;

  constructor(options: NspawnEngineOptions) {
    this.#options = options;
    this.disk = join(options.stateDir, 'instances');
  }

  /** All that it makes is in the instance directory. */
  marked(): ReadonlyMap<string, Marked> {
    return new Map();
  }

  async make(order: ContainerOrder, paths: MachinePaths): Promise<void> {
    const { rootfs } = this.#options;
    const upper = join(paths.root, 'upper');
    for (const directory of ['upper', 'work', 'root'])
      await mkdir(join(paths.root, directory), { mode: 0o755 });
    // A link, so that no character of the path can mean anything to the mount options.
    await symlink(rootfs, join(paths.root, 'tree'));
    // What stands in the upper directory hides the tree's own, the directory's mode included.
    await mkdir(join(upper, 'etc'));
    await writeFile(join(upper, 'etc/resolv.conf'), resolvConf(usableResolvers()), { mode: 0o644 });
    const script = { name: order.name, subnet: order.subnet, paths };
    const { privateUsers } = this.#class(order.className);
    const suppressSync = await supportsSuppressSync();
    await Promise.all([
      writeFile(join(paths.root, 'boot'), bootScript(script, { privateUsers, suppressSync }), {
        mode: 0o700,
      }),
      writeFile(join(paths.root, 'network'), networkScript(script), { mode: 0o700 }),
      writeFile(join(paths.root, 'end'), recordScript(unitOf(order.name), paths), { mode: 0o700 }),
    ]);
  }

  /** The instance directory holds it. */
  async noteRunner(): Promise<void> {
    await Promise.resolve();
  }

  async boot(name: string, paths: MachinePaths, signal: AbortSignal): Promise<void> {
    const marked = readMarkFile(paths);
    if (marked === null) throw new EngineError('absent', 'its mark is gone');
    const { startTimeoutMs = START_TIMEOUT_MS, controllerId } = this.#options;
    const { limits } = this.#class(marked.mark.className);
    const unit = { name: unitOf(name), paths, controllerId, limits, startTimeoutMs };
    const argv = unitArguments(unit, process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin');
    await startUnit(unitOf(name), argv, {
      endOf: () => readEnd(paths)?.detail ?? null,
      deadlineMs: startTimeoutMs + GRACE_MS,
      signal,
    });
  }

  async remove(): Promise<void> {
    await Promise.resolve();
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    return checkNspawnHost(this.#options, signal);
  }

  #class(name: string): ContainerClass {
    return this.#options.classes.get(name) ?? NO_LIMITS;
  }
}

function unitOf(name: string): string {
  return `${TEMPLATE}@${name}.service`;
}
