import type { z } from 'zod';

import type { ViolationKind } from '../control/history.ts';
import type { TokenOptions } from '../options.ts';
import { HttpFailure } from '../world/failure.ts';
import type { Repo } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { parsed } from './http-helpers.ts';
import { sees } from './identity.ts';

/** A refusal that a correct client never gets, and so a violation in the report. */
export class Breach extends HttpFailure {
  override name = 'Breach';
  readonly kind: ViolationKind;
  readonly detail: string;

  constructor(kind: ViolationKind, status: number, message: string, details: readonly string[] = []) {
    super(status, message, { details });
    this.kind = kind;
    this.detail = details.length > 0 ? details.join('; ') : message;
  }
}

export type PathParameters = Readonly<Record<string, string | undefined>>;

/** The repository of a path. 404 when there is none that the token sees, 301 when it has a new name. */
export function findRepo(
  world: World,
  token: TokenOptions,
  params: PathParameters,
  url: { api: string; local: string },
): Repo {
  const wanted = `${params['owner'] ?? ''}/${params['repo'] ?? ''}`;
  const number = params['repositoryId'];
  const repo =
    number === undefined ? world.repo(wanted) : world.repos.find((each) => each.id === Number(number));
  if (repo !== undefined && sees(token, repo)) return repo;
  const moved = world.repos.find((each) => each.oldNames.includes(wanted.toLowerCase()));
  if (moved === undefined || !sees(token, moved)) throw new HttpFailure(404, 'Not Found');
  const rest = url.local.split('/').slice(4).join('/');
  const location = `${url.api}/repositories/${moved.id}${rest === '' ? '' : `/${rest}`}`;
  throw new HttpFailure(301, 'Moved Permanently', { headers: { location } });
}

/** Checks a query or body against the schema of its operation. */
export function checkShape(
  kind: 'invalid-query' | 'invalid-body',
  schema: z.ZodType,
  value: unknown,
): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const details = issues.map((issue) => [...issue.path.map(String), issue.message].join(': '));
  const unknown = kind === 'invalid-query' && issues.some((issue) => issue.code === 'unrecognized_keys');
  throw new Breach(unknown ? 'unknown-query' : kind, 422, 'Validation Failed', details);
}

/** The JSON body. An operation without a body accepts an empty object too. */
export function readBody(schema: z.ZodType | null, text: string): unknown {
  const value = parsed(text);
  if (text !== '' && (typeof value !== 'object' || value === null)) {
    throw new Breach('invalid-body', 400, 'Problems parsing JSON');
  }
  if (schema !== null) return checkShape('invalid-body', schema, value);
  if (value !== undefined && Object.keys(value as object).length > 0) {
    throw new Breach('invalid-body', 422, 'Invalid request.', ['this operation has no body']);
  }
  return undefined;
}
