import type { Clock, Sealed } from '../core/ports.ts';
import type { Tuning } from './tuning.ts';

/** The token that requests carry now. `generation` grows with each new token: ETags are bound to it. */
export interface Credential {
  readonly token: Sealed;
  readonly generation: number;
}

export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** What the client is made of. */
export interface GithubOptions {
  /** `owner/repo` each. */
  readonly scopes: readonly string[];
  readonly apiUrl: string;
  /** Where runners register themselves; by default derived from `apiUrl`. */
  readonly webUrl?: string | undefined;
  /** Called before every request, so that a rotated token is used at once. Throws when there is no token. */
  readonly readToken: () => Credential;
  readonly registration: 'jit' | 'token';
  readonly runnerGroup: string;
  readonly clock: Clock;
  /** 0 inclusive to 1 exclusive; for jitter only. */
  readonly random: () => number;
  readonly log: Log;
  readonly tuning?: Partial<Tuning> | undefined;
  readonly version: string;
}
