import type { StopReason } from './model.ts';

/** Something to do on the host or at GitHub. Its outcome is reported as changes. */
export type Effect =
  /** Create the container, register its runner, start it. */
  | { readonly kind: 'start'; readonly name: string }
  /** Deregister the runner; the instance is stopped only if GitHub agrees. */
  | { readonly kind: 'retire'; readonly name: string; readonly reason: StopReason }
  /** Remove the container and everything that belongs to it. */
  | { readonly kind: 'destroy'; readonly name: string; readonly clean: boolean }
  /** Delete a registration that no instance has. */
  | { readonly kind: 'deregister-orphan'; readonly runnerName: string };
