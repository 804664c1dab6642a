import type { Config } from '../config/config.ts';
import type { Policy } from '../core/policy.ts';

/** The configuration in the core's words. */
export function policyOf(config: Config, controllerId: string): Policy {
  return {
    classes: config.classes.map((it) => ({
      name: it.name,
      labels: it.labels,
      max: it.max,
      jobTimeout: it.jobTimeoutMs,
      system: it.containerSystem,
    })),
    maxConcurrent: config.maxConcurrent,
    pollInterval: config.pollIntervalMs,
    startupTimeout: config.startupTimeoutMs,
    idleTimeout: config.idleTimeoutMs,
    jobTimeout: config.jobTimeoutMs,
    subnets: config.subnets,
    minFreeDisk: config.minFreeDisk,
    namePrefix: config.namePrefix,
    controllerId,
  };
}

/** The repositories that are watched. */
export function scopesOf(config: Config): readonly string[] {
  return config.scopes.flatMap((scope) => ('repo' in scope ? [scope.repo] : []));
}
