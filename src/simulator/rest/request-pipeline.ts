/**
 * The simulated REST API. A request passes the checks of `RequestPipeline` in order and then its route, in one of the
 * `routes-…` files. The files `wire-…` write answers as GitHub's description has them.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { History, ViolationKind } from '../control/history.ts';
import type { AnsweredRequest, TokenOptions } from '../options.ts';
import { HttpFailure } from '../world/failure.ts';
import type { Repo } from '../world/model.ts';
import { pause } from '../world/pause.ts';
import { hex } from '../world/random.ts';
import type { Registry } from '../world/registry.ts';
import type { World } from '../world/world.ts';
import { etagOf, matches } from './etag.ts';
import { wordsFor, type FaultRule, type Faults } from './faults.ts';
import { commonHeaders, header, locate, pageLinks, parsed, textOf } from './http-helpers.ts';
import { demand, type Identities } from './identity.ts';
import type { RateLimiter } from './rate-limit.ts';
import { Breach, checkShape, findRepo, readBody, type PathParameters } from './request-parsing.ts';
import { failed, type RestAnswer, type RestRequest, type RestRoute } from './route.ts';

const API_VERSIONS = new Set(['2022-11-28', '2026-03-10']);
const READ_POINTS = 1;
const WRITE_POINTS = 5;

export type PipelineParts = {
  readonly world: World;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly limiter: RateLimiter;
  readonly faults: Faults;
  readonly history: History;
  readonly runnerUrl: string | undefined;
  readonly onAnswer: ((answered: AnsweredRequest) => void) | undefined;
  /** Brings the world up to date before it is read. */
  readonly catchUp: () => void;
  /** Ends delays when the server closes. */
  readonly closing: AbortSignal;
};

/** What is known so far of a request that is being answered. */
type RequestInProgress = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly route: RestRoute | null;
  readonly at: number;
  readonly local: string;
  readonly points: number;
  readonly apiVersion: string;
  token: TokenOptions | null;
  repo: Repo | null;
  fault: FaultRule | undefined;
  limited: boolean;
};

/** Answers REST requests: identity, rate limit, faults, permission, form, and then the route's own answer. */
export class RequestPipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  async pass(route: RestRoute | null, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const current: RequestInProgress = {
      request,
      reply,
      route,
      at: this.#parts.world.now(),
      local: locate(request).local,
      points: request.method === 'GET' || request.method === 'HEAD' ? READ_POINTS : WRITE_POINTS,
      apiVersion: header(request, 'x-github-api-version') ?? '2022-11-28',
      token: null,
      repo: null,
      fault: undefined,
      limited: false,
    };
    try {
      this.#admit(current);
      current.fault = this.#parts.faults.strike(request.method, current.local);
      return await this.#answer(current);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      if (error instanceof Breach) this.#violate(current, error.kind, error.detail);
      return this.#send(current, failed(error), error.headers);
    }
  }

  #admit(current: RequestInProgress): void {
    const { request, reply } = current;
    if (header(request, 'user-agent') === undefined) {
      throw new Breach(
        'no-user-agent',
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      );
    }
    current.token = this.#parts.identities.identify(header(request, 'authorization'));
    const { login } = current.token;
    reply.raw.once('close', this.#parts.limiter.begin(login, current.points));
    const refusal = current.route?.path === '/rate_limit' ? undefined : this.#parts.limiter.refusal(login);
    if (refusal === undefined) return;
    current.limited = true;
    this.#violate(current, 'request-during-limit', refusal.message);
    throw refusal;
  }

  /** Answers the request, as the fault rule that applies changes it. */
  async #answer(current: RequestInProgress): Promise<FastifyReply> {
    const { fault, reply } = current;
    if (fault === undefined) return this.#send(current, this.#serve(current));
    if (fault.delayMs !== undefined) await pause(fault.delayMs, this.#parts.closing);
    const spoilt =
      fault.status !== undefined || fault.reset === true || fault.hang === true || fault.limit !== undefined;
    const answer = !spoilt || fault.after === true ? this.#serve(current) : undefined;
    if (fault.reset === true || fault.hang === true) {
      this.#note(current, 0);
      reply.hijack();
      if (fault.reset === true) reply.raw.destroy();
      return reply;
    }
    const headers: Record<string, string> = { ...fault.headers };
    if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
    if (fault.limit !== undefined && current.token !== null) {
      this.#parts.limiter.limit(current.token.login, fault.limit, fault.retryAfter ?? 60);
      const refusal = this.#parts.limiter.refusal(current.token.login);
      if (refusal !== undefined)
        return this.#send(current, failed(refusal), { ...refusal.headers, ...headers }, fault.body);
    }
    if (fault.status === undefined && answer !== undefined)
      return this.#send(current, answer, headers, fault.body);
    const failure = new HttpFailure(fault.status ?? 500, fault.message ?? wordsFor(fault.status ?? 500));
    return this.#send(current, failed(failure), headers, fault.body);
  }

  /** Carries out the request. A refusal is returned as an answer, because a fault rule may still change it. */
  #serve(current: RequestInProgress): RestAnswer {
    try {
      return this.#handle(current);
    } catch (error) {
      if (error instanceof Breach) this.#violate(current, error.kind, error.detail);
      else if (!(error instanceof HttpFailure) || Object.keys(error.headers).length > 0) throw error;
      return failed(error);
    }
  }

  #handle(current: RequestInProgress): RestAnswer {
    const { request, route, token, apiVersion } = current;
    const { world, registry, limiter } = this.#parts;
    if (!API_VERSIONS.has(apiVersion)) {
      throw new Breach('bad-api-version', 400, `"${apiVersion}" is not a supported version of the REST API.`);
    }
    if (route === null || token === null) throw new Breach('unknown-path', 404, 'Not Found');
    const params = request.params as PathParameters;
    const { origin, local } = locate(request);
    if (route.scope === 'repo') current.repo = findRepo(world, token, params, { api: origin.api, local });
    demand(token, route.need);
    const query = checkShape('invalid-query', route.query, request.query);
    const body = readBody(route.body, textOf(request));
    this.#parts.catchUp();
    const full: RestRequest<unknown, unknown> = {
      world,
      registry,
      repo: current.repo as Repo,
      id: Number(params['id']),
      attempt: Number(params['attempt']),
      query,
      body,
      origin,
      runnerUrl: this.#parts.runnerUrl ?? origin.web,
      staleMs: request.method === 'GET' ? (current.fault?.stale ?? 0) * 1000 : 0,
      rate: () => limiter.state(token.login),
      apiVersion,
    };
    return route.handle(full as RestRequest<never, never>);
  }

  #send(
    current: RequestInProgress,
    answer: RestAnswer,
    headers: Readonly<Record<string, string>> = {},
    rawBody?: string,
  ): FastifyReply {
    const { request, reply, route, repo, token } = current;
    const { limiter, world } = this.#parts;
    const body = rawBody ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
    let { status } = answer;
    if (request.method === 'GET' && status === 200 && token !== null) {
      const etag = etagOf(body, token.token);
      reply.header('etag', etag);
      if (matches(header(request, 'if-none-match'), etag)) status = 304;
    }
    const free = status === 304 || current.limited || route?.path === '/rate_limit';
    if (token !== null && !free) limiter.charge(token.login);
    commonHeaders(reply, {
      now: world.now(),
      rate: token === null ? limiter.anonymous() : limiter.state(token.login),
      requestId: hex(world.noise, 20).toUpperCase(),
      need: route?.need ?? null,
      apiVersion: current.apiVersion,
    });
    if (request.method === 'GET') reply.header('cache-control', 'private, max-age=60, s-maxage=60');
    const link =
      answer.page === undefined || repo === null
        ? undefined
        : pageLinks(current.local, locate(request).origin, repo.id, answer.page);
    if (link !== undefined) reply.header('link', link);
    reply.headers(headers);
    this.#note(current, status);
    const sent = status === 304 ? '' : body;
    this.#report(current, status, sent);
    reply.code(status);
    if (sent === '') return reply.send();
    return reply.type('application/json; charset=utf-8').send(sent);
  }

  #report(current: RequestInProgress, status: number, sent: string): void {
    if (this.#parts.onAnswer === undefined) return;
    const { request, repo, local, fault } = current;
    const path = (local.split('?')[0] ?? '').replace(
      /^\/repositories\/\d+/u,
      `/repos/${repo?.name ?? 'o/r'}`,
    );
    this.#parts.onAnswer({
      method: request.method,
      path,
      query: request.query as Record<string, string>,
      requestBody: parsed(textOf(request)),
      status,
      responseBody: parsed(sent),
      faulted: fault !== undefined,
    });
  }

  #note(current: RequestInProgress, status: number): void {
    const { request, local, token, points, at, fault } = current;
    const conditional = header(request, 'if-none-match') !== undefined;
    const entry = {
      method: request.method,
      path: local,
      status,
      conditional,
      points,
      at,
      faulted: fault !== undefined,
    };
    this.#parts.history.note({ ...entry, login: token?.login ?? null });
  }

  #violate(current: RequestInProgress, kind: ViolationKind, detail: string): void {
    this.#parts.history.violate({ kind, method: current.request.method, path: current.local, detail });
  }
}
