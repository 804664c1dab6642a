/**
 * A simulated GitHub for tests, the VM tests and `demo`. The service never loads it. Start with `buildSimulator`: `world` is
 * its memory and rules, `rest` the API that the controller uses, `runner` the side of its runners, and `control` how a test
 * steers it.
 */

import { fastify, type FastifyInstance } from 'fastify';

import { controlApi } from './control/api.ts';
import type { SimulatorOptions } from './options.ts';
import { PREFIXES } from './rest/http-helpers.ts';
import { RequestPipeline } from './rest/request-pipeline.ts';
import type { RestRoute } from './rest/route.ts';
import { miscRoutes } from './rest/routes-misc.ts';
import { runnerRoutes } from './rest/routes-runners.ts';
import { runRoutes } from './rest/routes-runs.ts';
import { runnerApi } from './runner/api.ts';
import { SimulatedGithub } from './simulated-github.ts';
import { errorBody, HttpFailure } from './world/failure.ts';

/** A request that comes from within this process. */
export type InProcessRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute: answers name its origin. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
};

export type InProcessAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** The simulated GitHub as an HTTP server. It owns sockets and timers, so it must be disposed of. */
export class SimulatorServer extends SimulatedGithub implements AsyncDisposable {
  readonly #app: FastifyInstance;
  readonly #closing = new AbortController();
  #url: string | undefined;

  constructor(options: SimulatorOptions = {}) {
    super(options);
    this.#app = buildApp(this, options, this.#closing.signal);
  }

  /** `http://HOST:PORT`, no slash at the end. Throws before `listen`. */
  get url(): string {
    if (this.#url === undefined)
      throw new Error('the simulated GitHub does not listen yet: call listen() first');
    return this.#url;
  }

  /** Starts to listen; port 0 is any free one. */
  async listen(port = 0, host = '127.0.0.1'): Promise<{ url: string }> {
    this.#url = (await this.#app.listen({ port, host })).replace(/\/$/u, '');
    return { url: this.#url };
  }

  /**
   * Answers one request within this process, without a socket. Rejects when a fault cuts it off or the signal fires; a
   * fault that hangs it leaves it open until then.
   */
  async inject(asked: InProcessRequest): Promise<InProcessAnswer> {
    const { method, url, headers, body, signal } = asked;
    const answer = this.#app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
      ...(signal === undefined ? {} : { signal }),
    });
    // The signal ends a request as a closed connection would, but not one whose body was read.
    const { statusCode, headers: given, rawPayload } = await orAborted(answer, signal);
    return {
      status: statusCode,
      headers: Object.fromEntries(
        Object.entries(given).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)]],
        ),
      ),
      body: rawPayload,
    };
  }

  /** Ends long polls, cuts connections, stops the clock. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#app.close();
    this[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A simulated GitHub, not yet listening. */
export function buildSimulator(options: SimulatorOptions = {}): SimulatorServer {
  return new SimulatorServer(options);
}

function buildApp(github: SimulatedGithub, options: SimulatorOptions, closing: AbortSignal): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    // GitHub describes no HEAD routes, so there are none here.
    exposeHeadRoutes: false,
    bodyLimit: 4 * 1024 * 1024,
  });
  // Bodies stay text, so that a broken or missing one gets GitHub's answer instead of the framework's.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const { world, registry, sessions, identities, limiter, faults, history, catchUp } = github;
  const { onAnswer, runnerUrl } = options;
  const pipeline = new RequestPipeline({
    world,
    registry,
    identities,
    limiter,
    faults,
    history,
    catchUp,
    runnerUrl,
    onAnswer,
    closing,
  });
  for (const route of [...miscRoutes, ...runRoutes, ...runnerRoutes]) {
    for (const url of urlsOf(route)) {
      app.route({
        method: route.method,
        url,
        handler: (request, reply) => pipeline.pass(route, request, reply),
      });
    }
  }
  runnerApi(app, { world, registry, sessions, catchUp, runnerUrl, closing });
  controlApi(app, github);
  app.setNotFoundHandler((request, reply) => {
    if (request.url.startsWith('/_fake/'))
      return reply.code(404).send({ message: 'no such control operation' });
    return pipeline.pass(null, request, reply);
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof HttpFailure) return reply.code(error.status).send(errorBody(error));
    return reply.code(500).send({ message: `the simulated GitHub has a fault of its own: ${String(error)}` });
  });
  return app;
}

function urlsOf(route: RestRoute): string[] {
  const path = route.path.replace(/:(id|attempt)\b/gu, ':$1(^\\d+)');
  const bases = route.scope === 'global' ? [''] : ['/repos/:owner/:repo', '/repositories/:repositoryId'];
  return PREFIXES.flatMap((prefix) => bases.map((base) => `${prefix}${base}${path}`));
}

/** The answer, unless the signal fires first. */
function orAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('aborted'));
    signal.addEventListener('abort', giveUp, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
    if (signal.aborted) giveUp();
  });
}
