/**
 * The HTTP API and the control socket. It shows and passes on what it is given and decides nothing. Start with `readRoutes`
 * here; `control.ts` adds the commands, and `schema.ts` is the form of every answer.
 */

import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { HealthReason } from '../core/view.ts';
import type { Log } from '../telemetry/logger.ts';
import type { Health, Status } from './schema.ts';

/** What the read-only API shows. */
export interface ReadDeps {
  readonly status: () => Status;
  readonly health: () => readonly HealthReason[];
  readonly log: Log;
}

/** The time-out of one request. It is generous, and it keeps idle connections from staying open. */
const REQUEST_TIMEOUT = 10_000;

/** A server that answers every request in JSON, errors too. It does not listen yet. */
export function newServer(log: Log): FastifyInstance {
  const app = Fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: true,
    // A path that cannot be decoded does not exist.
    frameworkErrors: (_error, request, reply) => {
      void notFound(request, reply);
    },
  });
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((error, _request, reply) => {
    const fault = error as { statusCode?: number; message?: string };
    const code = fault.statusCode ?? 500;
    if (code >= 500) log('error', 'request failed', { err: error });
    return reply
      .code(code)
      .send({ error: code >= 500 ? 'internal error' : (fault.message ?? 'bad request') });
  });
  return app;
}

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'not found', path: request.url.split('?', 1)[0] });
}

/** `/health` and `/status`. They change nothing and hold no secrets. */
export function readRoutes(app: FastifyInstance, deps: ReadDeps): void {
  app.get('/health', (_request, reply) => {
    const reasons = deps.health();
    const body: Health =
      reasons.length === 0 ? { status: 'ok' } : { status: 'degraded', reasons: [...reasons] };
    return reply.code(body.status === 'ok' ? 200 : 503).send(body);
  });
  app.get('/status', (_request, reply) => reply.header('cache-control', 'no-store').send(deps.status()));
}

/** The read-only HTTP API, not listening yet. Its routes take no bodies, so bodies are read and ignored. */
export function buildServer(deps: ReadDeps): FastifyInstance {
  const app = newServer(deps.log);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  readRoutes(app, deps);
  return app;
}
