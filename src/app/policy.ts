import type { Config } from '../config/config.ts';
import type { Policy } from '../core/policy.ts';

/** The configuration in the core's words. */
export function policyOf(config: Config, controllerId: string): Policy {
  return {
    classes: config.classes.map((it) => ({
      name: it.name,
      labels: it.labels,
      max: it.max,
      jobTimeout: it.jobTimeout,
      system: it.containerSystem,
    })),
    maxConcurrent: config.maxConcurrent,
    pollInterval: config.pollInterval,
    startupTimeout: config.runnerStartupTimeout,
    idleTimeout: config.runnerIdleTimeout,
    jobTimeout: config.jobTimeout,
    subnets: config.subnets,
    minFreeDisk: config.minFreeDisk,
    namePrefix: config.runnerNamePrefix,
    controllerId,
  };
}

/** The repositories that are watched. */
export function scopesOf(config: Config): readonly string[] {
  return config.scopes.flatMap((scope) => ('repo' in scope ? [scope.repo] : []));
}
