import type { ContainerLimits } from '../core/policy.ts';

/** What is watched: one repository (`owner/repo`) or all repositories of one organisation. */
export type Scope = { readonly repo: string } | { readonly org: string };

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

export interface ClassConfig {
  readonly name: string;
  /** As written, first spelling of each; compare them without case. */
  readonly labels: readonly string[];
  readonly max: number;
  readonly jobTimeoutMs: number;
  /** Store path of a prebuilt system; null: build `containerTemplate`. */
  readonly containerSystem: string | null;
  readonly containerTemplate: string | null;
  readonly limits: ContainerLimits;
  /** False, true, or a value of systemd-nspawn's `--private-users`. */
  readonly privateUsers: boolean | string;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;

/** What commands that only speak to the running controller need. */
export interface LocalConfig {
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** Port 0: any free one. */
  readonly http: { readonly host: string; readonly port: number };
  readonly log: {
    readonly level: (typeof LOG_LEVELS)[number];
    readonly format: (typeof LOG_FORMATS)[number];
  };
}

/** The whole configuration, checked. Durations are in milliseconds, sizes in bytes, paths absolute. */
export interface Config extends LocalConfig {
  readonly scopes: readonly Scope[];
  readonly auth: AuthConfig;
  /** No trailing slash. */
  readonly apiUrl: string;
  readonly maxConcurrent: number;
  readonly pollIntervalMs: number;
  readonly startupTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly jobTimeoutMs: number;
  readonly classes: readonly ClassConfig[];
  readonly runnerGroup: string;
  readonly namePrefix: string;
  readonly registration: 'jit' | 'token';
  readonly engine: EngineConfig;
  /** The N of each 192.168.N.0/24, in order of use, no duplicates. */
  readonly subnets: readonly number[];
  readonly minFreeDisk: number;
  /** Who keeps containers apart from the host and each other. */
  readonly network: 'engine' | 'host';
  /** For the log: what works but should not stay. */
  readonly warnings: readonly string[];
}

/** What the parser must know of the process and its machine. `arch` is Node's name for it. */
export interface Host {
  readonly hostname: string;
  readonly arch: string;
  readonly uid: number;
  readonly stdoutIsTTY: boolean;
}
