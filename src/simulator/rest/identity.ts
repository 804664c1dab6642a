import type { Permissions, TokenOptions } from '../options.ts';
import { HttpFailure } from '../world/failure.ts';
import type { Repo } from '../world/model.ts';
import type { Need } from './route.ts';

const ALL: Permissions = { actions: 'write', administration: 'write' };

/** The tokens that exist, and what each of them may see and do. */
export class Identities {
  readonly #tokens: Map<string, TokenOptions>;

  constructor(tokens: readonly TokenOptions[]) {
    this.#tokens = new Map(tokens.map((token) => [token.token, token]));
  }

  add(token: TokenOptions): void {
    this.#tokens.set(token.token, token);
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** The token of a request; 401 when it has none that exists. */
  identify(authorization: string | undefined): TokenOptions {
    if (authorization === undefined) throw new HttpFailure(401, 'Requires authentication');
    const [, given = ''] = /^(?:token|bearer) +(\S+)$/iu.exec(authorization) ?? [];
    const known = this.#tokens.get(given);
    if (known === undefined) throw new HttpFailure(401, 'Bad credentials');
    return known;
  }
}

/** A repository the token does not see does not exist for it. */
export function sees(token: TokenOptions, repo: Repo): boolean {
  return token.repos?.some((name) => name.toLowerCase() === repo.name.toLowerCase()) ?? true;
}

/** 403 unless the token may. Read is part of write. */
export function demand(token: TokenOptions, need: Need): void {
  if (need === null) return;
  const [field, level] = need.split('=') as ['actions' | 'administration', 'read' | 'write'];
  const have = (token.permissions ?? ALL)[field];
  if (have === 'write' || have === level) return;
  throw new HttpFailure(403, 'Resource not accessible by personal access token');
}
