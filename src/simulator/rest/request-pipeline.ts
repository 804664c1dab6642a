import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf, matches } from './etag.ts';
import { commonHeaders, header, locate, pageLinks, parsed, textOf } from './http-helpers.ts';
import { HttpFailure } from '../world/failure.ts';
import { wordsFor, type FaultRule, type Faults } from './faults.ts';
import { demand, type Identities } from './identity.ts';
import type { History, ViolationKind } from '../control/history.ts';
import type { Repo } from '../world/model.ts';
import type { Exchange, TokenOptions } from '../options.ts';
import { hex } from '../world/random.ts';
import type { RateLimiter } from './rate-limit.ts';
import { Breach, checkShape, findRepo, readBody, type PathParameters } from './request-parsing.ts';
import type { Registry } from '../world/registry.ts';
import { failed, type RestAnswer, type RestRequest, type RestRoute } from './route.ts';
import type { World } from '../world/world.ts';

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
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
  /** Brings the world up to date before it is read. */
  readonly settle: () => void;
  /** Ends delays when the server closes. */
  readonly closing: AbortSignal;
};

/** One request on its way through: what is known of it so far. */
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

/** The way of every REST request: who, how often, what goes wrong, may it, is it well-formed, and the answer. */
export class RequestPipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  async pass(route: RestRoute | null, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const passage: RequestInProgress = {
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
      this.#admit(passage);
      passage.fault = this.#parts.faults.strike(request.method, passage.local);
      return await this.#answer(passage);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      if (error instanceof Breach) this.#violate(passage, error.kind, error.detail);
      return this.#send(passage, failed(error), error.headers);
    }
  }

  #admit(passage: RequestInProgress): void {
    const { request, reply } = passage;
    if (header(request, 'user-agent') === undefined) {
      throw new Breach(
        'no-user-agent',
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      );
    }
    passage.token = this.#parts.identities.identify(header(request, 'authorization'));
    const { login } = passage.token;
    reply.raw.once('close', this.#parts.limiter.begin(login, passage.points));
    const refusal = passage.route?.path === '/rate_limit' ? undefined : this.#parts.limiter.refusal(login);
    if (refusal === undefined) return;
    passage.limited = true;
    this.#violate(passage, 'request-during-limit', refusal.message);
    throw refusal;
  }

  /** The answer with whatever the struck fault makes of it. */
  async #answer(passage: RequestInProgress): Promise<FastifyReply> {
    const { fault, reply, request } = passage;
    if (fault === undefined) return this.#send(passage, this.#serve(passage));
    if (fault.delayMs !== undefined)
      await sleep(fault.delayMs, undefined, { signal: this.#parts.closing }).catch(() => {});
    const spoilt =
      fault.status !== undefined || fault.reset === true || fault.hang === true || fault.limit !== undefined;
    const answer = !spoilt || fault.after === true ? this.#serve(passage) : undefined;
    if (fault.reset === true || fault.hang === true) {
      this.#note(passage, 0);
      reply.hijack();
      if (fault.reset === true) request.raw.socket.destroy();
      return reply;
    }
    const headers: Record<string, string> = { ...fault.headers };
    if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
    if (fault.limit !== undefined && passage.token !== null) {
      this.#parts.limiter.limit(passage.token.login, fault.limit, fault.retryAfter ?? 60);
      const refusal = this.#parts.limiter.refusal(passage.token.login);
      if (refusal !== undefined)
        return this.#send(passage, failed(refusal), { ...refusal.headers, ...headers }, fault.body);
    }
    if (fault.status === undefined && answer !== undefined)
      return this.#send(passage, answer, headers, fault.body);
    const failure = new HttpFailure(fault.status ?? 500, fault.message ?? wordsFor(fault.status ?? 500));
    return this.#send(passage, failed(failure), headers, fault.body);
  }

  /** Does what is asked. A refusal is an answer, too: a fault may follow it. */
  #serve(passage: RequestInProgress): RestAnswer {
    try {
      return this.#handle(passage);
    } catch (error) {
      if (error instanceof Breach) this.#violate(passage, error.kind, error.detail);
      else if (!(error instanceof HttpFailure) || Object.keys(error.headers).length > 0) throw error;
      return failed(error);
    }
  }

  #handle(passage: RequestInProgress): RestAnswer {
    const { request, route, token, apiVersion } = passage;
    const { world, registry, limiter } = this.#parts;
    if (!API_VERSIONS.has(apiVersion)) {
      throw new Breach('bad-api-version', 400, `"${apiVersion}" is not a supported version of the REST API.`);
    }
    if (route === null || token === null) throw new Breach('unknown-path', 404, 'Not Found');
    const params = request.params as PathParameters;
    const { origin, local } = locate(request);
    if (route.scope === 'repo') passage.repo = findRepo(world, token, params, { api: origin.api, local });
    demand(token, route.need);
    const query = checkShape('invalid-query', route.query, request.query);
    const body = readBody(route.body, textOf(request));
    this.#parts.settle();
    const full: RestRequest<unknown, unknown> = {
      world,
      registry,
      repo: passage.repo as Repo,
      id: Number(params['id']),
      attempt: Number(params['attempt']),
      query,
      body,
      origin,
      runnerUrl: this.#parts.runnerUrl ?? origin.web,
      staleMs: request.method === 'GET' ? (passage.fault?.stale ?? 0) * 1000 : 0,
      rate: () => limiter.state(token.login),
      apiVersion,
    };
    return route.handle(full as RestRequest<never, never>);
  }

  #send(
    passage: RequestInProgress,
    answer: RestAnswer,
    headers: Readonly<Record<string, string>> = {},
    rawBody?: string,
  ): FastifyReply {
    const { request, reply, route, repo, token } = passage;
    const { limiter, world } = this.#parts;
    const body = rawBody ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
    let { status } = answer;
    if (request.method === 'GET' && status === 200 && token !== null) {
      const etag = etagOf(body, token.token);
      reply.header('etag', etag);
      if (matches(header(request, 'if-none-match'), etag)) status = 304;
    }
    const free = status === 304 || passage.limited || route?.path === '/rate_limit';
    if (token !== null && !free) limiter.charge(token.login);
    commonHeaders(reply, {
      rate: token === null ? limiter.anonymous() : limiter.state(token.login),
      requestId: hex(world.noise, 20).toUpperCase(),
      need: route?.need ?? null,
      apiVersion: passage.apiVersion,
    });
    if (request.method === 'GET') reply.header('cache-control', 'private, max-age=60, s-maxage=60');
    const link =
      answer.page === undefined || repo === null
        ? undefined
        : pageLinks(passage.local, locate(request).origin, repo.id, answer.page);
    if (link !== undefined) reply.header('link', link);
    reply.headers(headers);
    this.#note(passage, status);
    const sent = status === 304 ? '' : body;
    this.#report(passage, status, sent);
    reply.code(status);
    if (sent === '') return reply.send();
    return reply.type('application/json; charset=utf-8').send(sent);
  }

  #report(passage: RequestInProgress, status: number, sent: string): void {
    if (this.#parts.onExchange === undefined) return;
    const { request, repo, local, fault } = passage;
    const path = (local.split('?')[0] ?? '').replace(
      /^\/repositories\/\d+/u,
      `/repos/${repo?.name ?? 'o/r'}`,
    );
    this.#parts.onExchange({
      method: request.method,
      path,
      query: request.query as Record<string, string>,
      requestBody: parsed(textOf(request)),
      status,
      responseBody: parsed(sent),
      faulted: fault !== undefined,
    });
  }

  #note(passage: RequestInProgress, status: number): void {
    const { request, local, token, points, at, fault } = passage;
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

  #violate(passage: RequestInProgress, kind: ViolationKind, detail: string): void {
    this.#parts.history.violate({ kind, method: passage.request.method, path: passage.local, detail });
  }
}
