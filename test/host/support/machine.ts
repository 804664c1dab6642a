import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';

import { systemClock } from '../../../src/clock.ts';
import type { Engine, Sealed } from '../../../src/core/ports.ts';
import { createNixosContainerEngine } from '../../../src/engine/nixos-container/nixos-container.ts';
import type { NspawnEngineOptions } from '../../../src/engine/nspawn/nspawn.ts';
import { createNspawnEngine } from '../../../src/engine/nspawn/nspawn.ts';
import type { EngineHost, Script } from '../../contract/engine.ts';
import { testSystem } from './shell.ts';

export const NEVER = new AbortController().signal;

/** The signal `started`: the suite waits for it where a script must know SIGTERM first. */
const SAY_STARTED = `printf '{"run_id":1,"run_attempt":1,"job":"build","repository":"o/r","at":"2026-11-20T12:00:00Z"}' > /run/runner-signals/started`;

const SCRIPTS: Record<Script, string> = {
  sleeps: 'exec sleep 600',
  // Not before the container is ready, which would be a failed start.
  'exits-3': 'until systemctl is-active --quiet multi-user.target; do sleep 0.1; done; sleep 0.5; exit 3',
  'ends-on-term': `trap "exit 0" TERM; ${SAY_STARTED}; while :; do sleep 0.05; done`,
  'ignores-term': `trap "" TERM; ${SAY_STARTED}; while :; do sleep 0.05; done`,
};

export type AnyOptions = Omit<NspawnEngineOptions, 'rootfs'>;

/**
 * The registration with which the runner of the test guest runs a shell script: as its work, or `before` it counts as
 * started, so that the container cannot be ready earlier.
 */
export function scripted(script: string, when: 'script' | 'before' = 'script'): Sealed {
  const jitConfig = Buffer.from(`#!${when}\n${script}\n`).toString('base64');
  return { reveal: () => JSON.stringify({ version: 1, mode: 'jit', jitConfig }) };
}

/** Directories of the test's own, on a disk that an overlay can use, and options for an engine over them. */
export function makeOptions(more: Partial<AnyOptions> = {}): AnyOptions {
  mkdirSync('/var/lib/runner-controller', { recursive: true });
  const stateDir = mkdtempSync('/var/lib/runner-controller/t');
  const runtimeDir = mkdtempSync('/run/t');
  onTestFinished(() => {
    rmSync(stateDir, { recursive: true, force: true });
    rmSync(runtimeDir, { recursive: true, force: true });
  });
  return {
    stateDir,
    runtimeDir,
    controllerId: 'abcdefgh12345678',
    clock: systemClock,
    classes: new Map(),
    allowed: [],
    ...more,
  };
}

export function makeNspawn(options: AnyOptions): Engine {
  return createNspawnEngine({ ...options, rootfs: '/srv/guest' });
}

/** A host for the engine contract; what the test leaves is removed after it. */
export function makeHost(
  open: (options: AnyOptions) => Engine,
  more: Partial<AnyOptions> = {},
): EngineHost & { readonly options: AnyOptions } {
  const options = makeOptions(more);
  onTestFinished(() => destroyAll(open(options)));
  return {
    options,
    open: () => open(options),
    openStranger: () => open({ ...options, controllerId: 'zzzzzzzz99999999' }),
    credential: (script) => scripted(SCRIPTS[script]),
  };
}

export async function destroyAll(engine: Engine): Promise<void> {
  const { containers } = await engine.observe([], NEVER);
  await Promise.all(containers.map(({ name }) => engine.destroy(name, { clean: false }, NEVER)));
}

export function makeNixos(options: AnyOptions): Engine {
  const engine = createNixosContainerEngine({
    ...options,
    classes: new Map(
      [...options.classes].map(([name, each]) => [name, { ...each, containerTemplate: null }]),
    ),
    bin: 'nixos-container',
  });
  return {
    observe: (...args) => engine.observe(...args),
    create: (order, signal) => engine.create({ ...order, system: order.system ?? testSystem() }, signal),
    start: (...args) => engine.start(...args),
    discardCredential: (...args) => engine.discardCredential(...args),
    destroy: (...args) => engine.destroy(...args),
    watch: (...args) => engine.watch(...args),
    doctor: (...args) => engine.doctor(...args),
  };
}
