import type { Environment, Host } from '../env.ts';
import type { Json, Kind, ValueOfKind } from '../kinds/kind.ts';
import type { Feature } from '../problem.ts';

/** What a default may depend on. */
export interface Origin extends Host {
  readonly env: Environment;
}

/** One setting: all that the program, its help, its documentation and the NixOS module's tests say of it. */
export interface Row {
  readonly kind: Kind<unknown>;
  /** Used when nothing is given, in the form of the file; null: nothing is. */
  readonly fallback: Json | ((origin: Origin) => string | readonly string[] | null);
  /** The default for people, where it is not the same on all machines. */
  readonly fallbackText?: string;
  /** What to give where it is needed and nothing is there. */
  readonly needed?: string;
  /** What it is, as a phrase without a full stop. */
  readonly meaning: string;
  /** What has to be built before this setting means anything. Until then anything but the default is refused. */
  readonly needs?: Feature;
  /** Below `services.runner-controller`, where that is not the key; null: the NixOS module has none. */
  readonly option?: string | null;
}

/** Settings by their keys in the file, in the order in which they are listed. */
export type Rows = Readonly<Record<string, Row>>;

type ValueOfRow<R> = R extends { readonly kind: infer K; readonly fallback: infer F }
  ? F extends null
    ? ValueOfKind<K> | null
    : ValueOfKind<K>
  : never;

/** What comes of a table of settings. */
export type ValuesOf<R> = { readonly [Key in keyof R]: ValueOfRow<R[Key]> };

/** The default in the form of the file; null: none. */
export function fallbackOf({ fallback }: Row, origin: Origin): Json {
  return typeof fallback === 'function' ? fallback(origin) : fallback;
}

/** The variable of a setting: `pollInterval` is `POLL_INTERVAL`. */
export function variableOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
