import { join } from 'node:path';

import { EngineError } from '../../core/errors.ts';
import { namesIn } from '../directory.ts';

/** Where one instance of the process engine keeps its things. */
export interface InstancePaths {
  /** The parent of all of them. */
  readonly instances: string;
  readonly root: string;
  readonly record: string;
  readonly work: string;
  readonly signals: string;
  readonly output: string;
  readonly exit: string;
  /** In RUNTIME_DIR: the directory and the file that the registration is handed over in. */
  readonly credentials: string;
  readonly registration: string;
}

export function instancePaths(stateDir: string, runtimeDir: string, name: string): InstancePaths {
  // Whole directories are removed under it.
  if (name === '' || name.startsWith('.') || name.includes('/')) {
    throw new EngineError('failed', `${JSON.stringify(name)} cannot be the name of an instance`);
  }
  const instances = join(stateDir, 'instances');
  const root = join(instances, name);
  const credentials = join(runtimeDir, 'credentials', name);
  return {
    instances,
    root,
    record: join(root, 'process.json'),
    work: join(root, 'work'),
    signals: join(root, 'signals'),
    output: join(root, 'output.log'),
    exit: join(root, 'exit'),
    credentials,
    registration: join(credentials, 'runner-registration'),
  };
}

/** Every name in use (a dot file is not one); none while the directory was never made. Throws when it cannot be read. */
export function instanceNames(stateDir: string): string[] {
  return namesIn(join(stateDir, 'instances')).filter((name) => !name.startsWith('.'));
}
