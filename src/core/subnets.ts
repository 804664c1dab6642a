/** The first configured N that is not in use, or null. Without one a job waits; that is no error. */
export function freeSubnet(configured: readonly number[], used: ReadonlySet<number>): number | null {
  return configured.find((n) => !used.has(n)) ?? null;
}

/** The /24 that N stands for. */
export function subnetCidr(n: number): string {
  return `192.168.${n}.0/24`;
}

/** The container's end; the host's is `.1`. */
export function containerAddress(n: number): string {
  return `192.168.${n}.2`;
}

/** The host's end of the link. */
export function hostAddress(n: number): string {
  return `192.168.${n}.1`;
}
