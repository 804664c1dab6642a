import type { Instance } from './model.ts';
import { isOurRunner } from './naming.ts';
import type { Container, Runner } from './observation.ts';

/** Runners of this controller that are offline and have neither promise nor container. */
export function leftoverRunners(
  controllerId: string,
  instances: readonly Instance[],
  containers: readonly Container[],
  runners: readonly Runner[],
): readonly Runner[] {
  const used = new Set([
    ...instances.map(({ runnerName }) => runnerName),
    ...containers.flatMap(({ mark }) => mark?.runnerName ?? []),
  ]);
  return runners.filter(({ name, online }) => !online && !used.has(name) && isOurRunner(name, controllerId));
}
