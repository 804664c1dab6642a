import { fastify, type FastifyInstance } from 'fastify';
import { controlApi } from './control/api.ts';
import { errorBody, HttpFailure } from './world/failure.ts';
import { PREFIXES } from './rest/http-helpers.ts';
import { SimulatedGithub } from './simulated-github.ts';
import { RequestPipeline } from './rest/request-pipeline.ts';
import type { SimulatorOptions } from './options.ts';
import type { RestRoute } from './rest/route.ts';
import { miscRoutes } from './rest/routes-misc.ts';
import { runnerRoutes } from './rest/routes-runners.ts';
import { runRoutes } from './rest/routes-runs.ts';
import { runnerApi } from './runner/api.ts';

/** The simulated GitHub as an HTTP server. It owns its sockets and timers: dispose it. */
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
    // GitHub knows no HEAD route apart from its GET; keep what is not described unknown.
    exposeHeadRoutes: false,
    bodyLimit: 4 * 1024 * 1024,
  });
  // Bodies stay text, so that a broken or missing one gets GitHub's answer instead of the framework's.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const { world, registry, sessions, identities, limiter, faults, history, settle } = github;
  const { onExchange, runnerUrl } = options;
  const gate = new RequestPipeline({
    world,
    registry,
    identities,
    limiter,
    faults,
    history,
    settle,
    runnerUrl,
    onExchange,
    closing,
  });
  for (const rest of [...miscRoutes, ...runRoutes, ...runnerRoutes]) {
    for (const url of urlsOf(rest)) {
      app.route({ method: rest.method, url, handler: (request, reply) => gate.pass(rest, request, reply) });
    }
  }
  runnerApi(app, { world, registry, sessions, settle, runnerUrl, closing });
  controlApi(app, github);
  app.setNotFoundHandler((request, reply) => {
    if (request.url.startsWith('/_fake/'))
      return reply.code(404).send({ message: 'no such control operation' });
    return gate.pass(null, request, reply);
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof HttpFailure) return reply.code(error.status).send(errorBody(error));
    return reply.code(500).send({ message: `the simulated GitHub has a fault of its own: ${String(error)}` });
  });
  return app;
}

function urlsOf(rest: RestRoute): string[] {
  const path = rest.path.replace(/:(id|attempt)\b/gu, ':$1(^\\d+)');
  const bases = rest.scope === 'global' ? [''] : ['/repos/:owner/:repo', '/repositories/:repositoryId'];
  return PREFIXES.flatMap((prefix) => bases.map((base) => `${prefix}${base}${path}`));
}
