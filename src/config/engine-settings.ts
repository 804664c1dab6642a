import type { Config, EngineConfig } from './model.ts';
import type { Probe } from './probe.ts';
import type { Problem } from './problem.ts';
import type { Parse, Settings } from './settings.ts';
import { Rejected } from './settings.ts';
import { absolutePath, oneOf, text } from './values.ts';

const ENGINES = ['nixos-container', 'nspawn', 'process'] as const;
const DEFAULT_ENGINE = 'nixos-container';

const programName = text(/^(?:\/[^\0]*|[^/\0]+)$/, 'the name of a program, or its absolute path');
const command = text(/^(?=[^]*\S)[^\0]+$/, 'a shell command that runs one job');

/** The engine and what it alone needs; null when a problem was reported. */
export function parseEngine(settings: Settings, probe: Probe): EngineConfig | null {
  const given = settings.pick('ENGINE');
  // A file that cannot be understood may have named another engine, so the default would be a guess.
  if (given === undefined && settings.fileBroken) return null;
  const kind = settings.parse(given, oneOf(ENGINES), given === undefined ? DEFAULT_ENGINE : null);
  if (kind === null) return null;
  switch (kind) {
    case 'nixos-container':
      return { kind, bin: settings.get('NIXOS_CONTAINER_BIN', programName, 'nixos-container') };
    case 'nspawn': {
      const rootfs = needed(settings, 'NSPAWN_ROOTFS', osTree(probe), 'the OS tree that ENGINE=nspawn boots');
      return rootfs === null ? null : { kind, rootfs };
    }
    case 'process': {
      const runner = needed(
        settings,
        'PROCESS_RUNNER',
        command,
        'the shell command that ENGINE=process runs',
      );
      return runner === null ? null : { kind, command: runner };
    }
  }
}

function needed(
  settings: Settings,
  name: 'NSPAWN_ROOTFS' | 'PROCESS_RUNNER',
  parse: Parse<string>,
  expected: string,
): string | null {
  const given = settings.pick(name);
  if (given === undefined) settings.missing(name, expected);
  return settings.parse(given, parse, null);
}

function osTree(probe: Probe): Parse<string> {
  return (given) => {
    const path = absolutePath('the absolute path of a directory with an OS tree')(given);
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
