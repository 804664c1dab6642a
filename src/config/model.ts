import type { ContainerLimits } from '../core/policy.ts';
import type { CLASS_SETTINGS } from './rows/class-rows.ts';
import type { LOCAL_SETTINGS } from './rows/local-rows.ts';
import type { ValuesOf } from './rows/row.ts';
import type { PLAIN_SETTINGS } from './rows/rows.ts';
import type { SCOPE_ENTRY_SETTINGS } from './rows/scope-rows.ts';

type Known<T> = { readonly [Key in keyof T]?: NonNullable<T[Key]> };

/** What is watched: one repository (`owner/repo`), the repositories of an organisation, or those of an enterprise. */
export type Scope = Omit<Known<ValuesOf<typeof SCOPE_ENTRY_SETTINGS>>, 'repo' | 'org' | 'enterprise'> &
  ({ readonly repo: string } | { readonly org: string } | { readonly enterprise: string });

export type AuthConfig =
  | { readonly kind: 'token'; readonly tokenFile: string }
  | {
      readonly kind: 'app';
      /** App id (digits) or client id. */
      readonly appId: string;
      readonly installationId: number;
      readonly privateKeyFile: string;
    };

export type EngineConfig =
  | { readonly kind: 'nixos-container'; readonly bin: string }
  | { readonly kind: 'nspawn'; readonly rootfs: string }
  | { readonly kind: 'process'; readonly command: string };

/** A class, its defaults filled in. Without a `containerSystem` the `containerTemplate` is built. */
export interface ClassConfig extends ValuesOf<typeof CLASS_SETTINGS> {
  readonly limits: ContainerLimits;
}

/** What commands that only speak to the running controller need. Port 0: any free one. */
export type LocalConfig = ValuesOf<typeof LOCAL_SETTINGS>;

/** The whole configuration, checked. Durations are in milliseconds, sizes in bytes, paths absolute. */
export interface Config extends ValuesOf<typeof PLAIN_SETTINGS> {
  readonly scopes: readonly Scope[];
  readonly auth: AuthConfig;
  readonly classes: readonly ClassConfig[];
  readonly engine: EngineConfig;
  /** Who keeps containers apart from the host and each other. */
  readonly network: 'engine' | 'host';
  /** For the log: what works but should not stay. */
  readonly warnings: readonly string[];
}
