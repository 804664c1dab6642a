import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';

import type { HealthReason } from '../core/view.ts';
import type { Log } from '../telemetry/logger.ts';
import type { Status } from './schema.ts';

/** What the read-only API shows. */
export interface ReadDeps {
  readonly status: () => Status;
  readonly health: () => readonly HealthReason[];
  readonly log: Log;
}

/** Nobody needs longer for one of these requests, and idle connections must not outlive the controller. */
const REQUEST_TIMEOUT = 10_000;

/** A fastify that answers in JSON whatever happens; not listening. */
export function newServer(log: Log): FastifyInstance {
  const app = Fastify({ logger: false, requestTimeout: REQUEST_TIMEOUT, forceCloseConnections: true });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: 'not found', path: request.url.split('?', 1)[0] }),
  );
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

/** `/health` and `/status`: no writes, no secrets. */
export function readRoutes(app: FastifyInstance, deps: ReadDeps): void {
  app.get('/health', (_request, reply) => {
    const reasons = deps.health();
    return reasons.length === 0
      ? reply.send({ status: 'ok' })
      : reply.code(503).send({ status: 'degraded', reasons });
  });
  app.get('/status', (_request, reply) => reply.header('cache-control', 'no-store').send(deps.status()));
}

/** The HTTP API, not listening. */
export function buildServer(deps: ReadDeps): FastifyInstance {
  const app = newServer(deps.log);
  readRoutes(app, deps);
  return app;
}
