import type { StopReason } from './model.ts';

/** Something to do in the world; what came of it is reported as changes. */
export type Effect =
  /** Create the container, register its runner, start it. */
  | { readonly kind: 'start'; readonly name: string }
  /** Deregister; only when GitHub agrees is it stopped. */
  | { readonly kind: 'retire'; readonly name: string; readonly reason: StopReason }
  /** Make the container gone. */
  | { readonly kind: 'destroy'; readonly name: string; readonly clean: boolean }
  /** Make a registration without an instance gone. */
  | { readonly kind: 'deregister-orphan'; readonly runnerName: string };
