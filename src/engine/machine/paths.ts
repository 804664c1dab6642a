import { join } from 'node:path';

import { EngineError } from '../../core/errors.ts';

/** Where one container of a systemd engine keeps its things on the host. */
export interface MachinePaths {
  /** The parent of all of them. */
  readonly instances: string;
  readonly root: string;
  readonly mark: string;
  /** Exists from the moment of its one boot on. */
  readonly boot: string;
  /** How it ended, written by its unit. */
  readonly record: string;
  readonly signals: string;
  /** In RUNTIME_DIR: the file that the registration is handed over in. */
  readonly credential: string;
}

/** What can be the name of a container: it becomes part of paths, of unit and interface names. */
export function isMachineName(name: string): boolean {
  return /^[a-zA-Z0-9_-]{1,11}$/.test(name);
}

export function machinePaths(stateDir: string, runtimeDir: string, name: string): MachinePaths {
  // Whole directories are removed under it.
  if (!isMachineName(name)) {
    throw new EngineError('failed', `${JSON.stringify(name)} cannot be the name of a container`);
  }
  const instances = join(stateDir, 'instances');
  const root = join(instances, name);
  return {
    instances,
    root,
    mark: join(root, 'mark.json'),
    boot: join(root, 'boot.json'),
    record: join(root, 'record'),
    signals: join(root, 'signals'),
    credential: join(runtimeDir, 'credentials', name),
  };
}
