import type { Json, Parse } from './kinds/kind.ts';
import { Rejected } from './kinds/kind.ts';
import type { Config, EngineConfig } from './model.ts';
import type { Probe } from './probe.ts';
import type { Problem } from './problem.ts';
import { variableOf } from './rows/row.ts';
import { ENGINE_SETTINGS } from './rows/rows.ts';
import type { Settings } from './settings.ts';

const { engine, nixosContainerBin, nspawnRootfs, processRunner } = ENGINE_SETTINGS;

/** The engine and what it alone needs; null when a problem was reported. */
export function parseEngine(settings: Settings, probe: Probe): EngineConfig | null {
  const given = settings.pick('engine');
  // A file that cannot be understood may have named another engine, so the default would be a guess.
  if (given === undefined && settings.fileBroken) return null;
  const kind = settings.parse(given, engine.kind.parse, given === undefined ? engine.fallback : null);
  switch (kind) {
    case null:
      return null;
    case 'nixos-container': {
      const bin = settings.parse(
        settings.pick('nixosContainerBin'),
        nixosContainerBin.kind.parse,
        nixosContainerBin.fallback,
      );
      return { kind, bin };
    }
    case 'nspawn': {
      const rootfs = needed(settings, 'nspawnRootfs', osTree(probe));
      return rootfs === null ? null : { kind, rootfs };
    }
    case 'process': {
      const command = needed(settings, 'processRunner', processRunner.kind.parse);
      return command === null ? null : { kind, command };
    }
  }
}

/** The engine as the file has it. */
export function printEngine(config: EngineConfig): Readonly<Record<string, Json>> {
  switch (config.kind) {
    case 'nixos-container':
      return { engine: config.kind, nixosContainerBin: config.bin };
    case 'nspawn':
      return { engine: config.kind, nspawnRootfs: config.rootfs };
    case 'process':
      return { engine: config.kind, processRunner: config.command };
  }
}

function needed(
  settings: Settings,
  key: 'nspawnRootfs' | 'processRunner',
  parse: Parse<string>,
): string | null {
  const given = settings.pick(key);
  if (given === undefined) settings.missing(variableOf(key), ENGINE_SETTINGS[key].needed);
  return settings.parse(given, parse, null);
}

function osTree(probe: Probe): Parse<string> {
  return (given) => {
    const path = nspawnRootfs.kind.parse(given);
    if (path instanceof Rejected) return path;
    const fault = probe.missing(path, 'directory');
    return fault === null ? path : new Rejected(`a directory with an OS tree: ${fault}`);
  };
}

/** Engines that make containers need root. This is for commands that act; those that only read need none. */
export function rootProblem(config: Pick<Config, 'engine'>, uid: number): Problem | null {
  if (config.engine.kind === 'process' || uid === 0) return null;
  return {
    setting: 'ENGINE',
    given: `"${config.engine.kind}" as user ${uid}`,
    expected: 'root: start the controller as root, or set ENGINE=process',
  };
}
