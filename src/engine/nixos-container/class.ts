import type { ContainerClass } from '../machine/limits.ts';

/** A class, and what its containers boot when an order names no system. */
export interface NixosContainerClass extends ContainerClass {
  /** `CONTAINER_TEMPLATE`; null when the class has a prebuilt system. */
  readonly containerTemplate: string | null;
  /** For `doctor`: the prebuilt system, which orders name. */
  readonly containerSystem?: string | null;
}
