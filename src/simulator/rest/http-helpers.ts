import type { FastifyReply, FastifyRequest } from 'fastify';

import { linkHeader } from './paging.ts';
import type { RateState } from './rate-limit.ts';
import type { RestRoute } from './route.ts';
import type { Origin } from './wire-repo.ts';

export const PREFIXES = ['', '/api/v3'] as const;

/** The request's URL without the API's prefix, the prefix, and the origin that was asked. */
export function locate(request: FastifyRequest): { prefix: string; local: string; origin: Origin } {
  const prefix = request.url.startsWith('/api/v3/') ? '/api/v3' : '';
  const web = `${request.protocol}://${request.host}`;
  return { prefix, local: request.url.slice(prefix.length), origin: { web, api: `${web}${prefix}` } };
}

export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The body as text. */
export function textOf(request: FastifyRequest): string {
  return (request.body as string | null | undefined) ?? '';
}

/** Headers that GitHub puts on every answer. */
export function commonHeaders(
  reply: FastifyReply,
  more: { now: number; rate: RateState; requestId: string; need: RestRoute['need']; apiVersion: string },
): void {
  // The world's time, which is also that of the reset below.
  reply.header('date', new Date(more.now).toUTCString());
  reply.header('x-github-media-type', 'github.v3; format=json');
  reply.header('x-github-request-id', more.requestId);
  reply.header('x-github-api-version-selected', more.apiVersion);
  reply.header('x-accepted-github-permissions', more.need ?? 'metadata=read');
  reply.header('vary', 'Accept, Authorization, Cookie, Accept-Encoding');
  reply.header('x-ratelimit-limit', String(more.rate.limit));
  reply.header('x-ratelimit-remaining', String(more.rate.remaining));
  reply.header('x-ratelimit-used', String(more.rate.used));
  reply.header('x-ratelimit-reset', String(more.rate.reset));
  reply.header('x-ratelimit-resource', 'core');
}

/** `Link` with the repository's number instead of its name, as GitHub gives it. */
export function pageLinks(
  local: string,
  origin: Origin,
  repoId: number,
  page: { readonly number: number; readonly last: number },
): string | undefined {
  const numeric = local.replace(/^\/(?:repos\/[^/]+\/[^/?]+|repositories\/\d+)/u, `/repositories/${repoId}`);
  return linkHeader(new URL(`${origin.api}${numeric}`), page);
}

/** The parsed body: undefined when it is empty, the text itself when it is no JSON. */
export function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
