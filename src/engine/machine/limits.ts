import type { ContainerLimits } from '../../core/policy.ts';

/** What a class says of its containers, as far as engines know it. */
export interface ContainerClass {
  readonly limits: ContainerLimits;
  /** False, true, or a value of systemd-nspawn's `--private-users`. */
  readonly privateUsers: boolean | string;
}

/** Half of systemd's default: the host's own services, the controller among them, go before any job. */
const CPU_WEIGHT = 50;

/** The limits as properties of a unit, in the form of a unit file: `MemoryMax=1073741824`. */
export function limitProperties(limits: ContainerLimits): string[] {
  const properties = [`CPUWeight=${CPU_WEIGHT}`, `MemorySwapMax=${limits.memorySwapMaxBytes ?? 0}`];
  if (limits.cpuPercent !== undefined) properties.push(`CPUQuota=${limits.cpuPercent}%`);
  if (limits.memoryMaxBytes !== undefined) properties.push(`MemoryMax=${limits.memoryMaxBytes}`);
  if (limits.memoryHighBytes !== undefined) properties.push(`MemoryHigh=${limits.memoryHighBytes}`);
  if (limits.tasksMax !== undefined) properties.push(`TasksMax=${limits.tasksMax}`);
  if (limits.ioWeight !== undefined) properties.push(`IOWeight=${limits.ioWeight}`);
  return properties;
}

/** The value for `--private-users`; null: none. */
export function privateUsersValue(privateUsers: boolean | string): string | null {
  if (privateUsers === false) return null;
  return privateUsers === true ? 'pick' : privateUsers;
}
