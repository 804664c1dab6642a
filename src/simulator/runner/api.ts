import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { accept } from '../control/input.ts';
import { locate, parsed, textOf } from '../rest/http-helpers.ts';
import { HttpFailure } from '../world/failure.ts';
import type { Registry } from '../world/registry.ts';
import type { WaitOptions } from '../world/waiting.ts';
import type { World } from '../world/world.ts';
import type { RunnerSessions } from './sessions.ts';

/** The longest poll. A runner that waited longer without a word could not be told from a dead one. */
const MOST_SECONDS = 60;
const session = z.string();
const jobId = z.int();
const seconds = z.number().min(0).max(MOST_SECONDS).default(20);

const schemas = {
  register: z.strictObject({
    url: z.string(),
    token: z.string(),
    name: z.string(),
    labels: z.array(z.string()),
    ephemeral: z.boolean().default(true),
    group: z.string().optional(),
    noDefaultLabels: z.boolean().default(false),
  }),
  connect: z.strictObject({ clientId: z.string(), version: z.string().optional() }),
  poll: z.strictObject({ session, seconds }),
  started: z.strictObject({ session, jobId }),
  heartbeat: z.strictObject({ session, jobId, seconds }),
  finish: z.strictObject({ session, jobId, result: z.enum(['success', 'failure', 'cancelled']) }),
  disconnect: z.strictObject({ session }),
};

export type RunnerApiParts = {
  readonly world: World;
  readonly registry: Registry;
  readonly sessions: RunnerSessions;
  readonly runnerUrl: string | undefined;
  readonly catchUp: () => void;
  readonly closing: AbortSignal;
};

/**
 * The API of simulated runners, `POST /_fake/runner/*`, which stands for GitHub's broker. When a connection closes
 * during `poll` or `heartbeat`, its runner is lost at once.
 */
export function runnerApi(app: FastifyInstance, parts: RunnerApiParts): void {
  const { sessions, registry, world } = parts;
  const body = <T>(schema: z.ZodType<T>, request: FastifyRequest): T =>
    accept(schema, parsed(textOf(request)));

  app.post('/_fake/runner/register', (request, reply) => {
    const wanted = body(schemas.register, request);
    const repo = world.repo(new URL(wanted.url).pathname.replaceAll(/^\/|\/$/gu, ''));
    if (repo === undefined) throw new HttpFailure(404, `no repository at ${wanted.url}`);
    const runner = registry.register(repo, wanted.token, wanted);
    const serverUrl = parts.runnerUrl ?? locate(request).origin.web;
    return reply
      .code(201)
      .send({ clientId: runner.clientId, agentId: runner.id, agentName: runner.name, serverUrl });
  });
  app.post('/_fake/runner/connect', (request) => {
    const { clientId, version } = body(schemas.connect, request);
    const opened = sessions.connect(clientId, version);
    return { session: opened.session, agentId: opened.runner.id, agentName: opened.runner.name };
  });
  app.post('/_fake/runner/poll', async (request, reply) => {
    const wanted = body(schemas.poll, request);
    parts.catchUp();
    const job = await held(reply, wanted.session, wanted.seconds, (options) =>
      sessions.poll(wanted.session, options),
    );
    return job === undefined ? reply.code(204).send() : { job };
  });
  app.post('/_fake/runner/started', (request) => {
    const wanted = body(schemas.started, request);
    sessions.start(wanted.session, wanted.jobId);
    return {};
  });
  app.post('/_fake/runner/heartbeat', async (request, reply) => {
    const wanted = body(schemas.heartbeat, request);
    const cancel = await held(reply, wanted.session, wanted.seconds, (options) =>
      sessions.heartbeat(wanted.session, wanted.jobId, options),
    );
    return { cancel };
  });
  app.post('/_fake/runner/finish', (request) => {
    const wanted = body(schemas.finish, request);
    sessions.finish(wanted.session, wanted.jobId, wanted.result);
    return {};
  });
  app.post('/_fake/runner/disconnect', (request, reply) => {
    sessions.disconnect(body(schemas.disconnect, request).session);
    return reply.code(204).send();
  });

  /** A long poll that notices when the other side closes the connection. */
  async function held<T>(
    reply: FastifyReply,
    session: string,
    seconds: number,
    wait: (options: WaitOptions) => Promise<T>,
  ): Promise<T> {
    const gone = new AbortController();
    const lost = (): void => {
      if (!reply.raw.writableFinished && !parts.closing.aborted) sessions.drop(session);
      gone.abort();
    };
    reply.raw.once('close', lost);
    return wait({ signal: AbortSignal.any([gone.signal, parts.closing]), timeoutMs: seconds * 1000 });
  }
}
