import type { z } from 'zod';

import { errorBody, type HttpFailure } from '../world/failure.ts';
import type { Repo } from '../world/model.ts';
import type { Registry } from '../world/registry.ts';
import type { World } from '../world/world.ts';
import type { RateState } from './rate-limit.ts';
import type { Origin } from './wire-repo.ts';

/** What the token must be allowed; null: any token will do. */
export type Need = 'actions=read' | 'actions=write' | 'administration=read' | 'administration=write' | null;

/** What a route's handler gets: everything checked, ids as numbers. */
export type RestRequest<Query, Body> = {
  readonly world: World;
  readonly registry: Registry;
  readonly repo: Repo;
  readonly id: number;
  /** The attempt, where the path has one. */
  readonly attempt: number;
  readonly query: Query;
  readonly body: Body;
  readonly origin: Origin;
  /** Where runners reach this server. */
  readonly runnerUrl: string;
  /** How many milliseconds old the answer is to be. */
  readonly staleMs: number;
  readonly rate: () => RateState;
  readonly apiVersion: string;
};

export type RestAnswer = {
  readonly status: number;
  readonly body?: unknown;
  /** For lists: which page of how many. */
  readonly page?: { readonly number: number; readonly last: number };
};

/** `path` is relative to the repository; `:id` and `:attempt` are whole numbers. */
export type RestRoute = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly scope: 'repo' | 'global';
  readonly need: Need;
  readonly query: z.ZodType;
  readonly body: z.ZodType | null;
  readonly handle: (request: RestRequest<never, never>) => RestAnswer;
};

/** Ties a handler's types to the schemas that fill them. */
export function route<Query, Body = undefined>(definition: {
  method: RestRoute['method'];
  path: string;
  scope?: RestRoute['scope'];
  need: Need;
  query: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  handle: (request: RestRequest<Query, Body>) => RestAnswer;
}): RestRoute {
  return {
    scope: 'repo',
    body: null,
    ...definition,
  };
}

/** A refusal as the answer it makes. */
export function failed(failure: HttpFailure): RestAnswer {
  return { status: failure.status, body: errorBody(failure) };
}
