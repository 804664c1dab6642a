import type { FastifyInstance } from 'fastify';
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { z } from 'zod';

import { noRequest, stopRequest } from './schema.ts';
import type { ReadDeps } from './server.ts';
import { newServer, readRoutes } from './server.ts';

/** What an operator may ask for. */
export interface ControlDeps extends ReadDeps {
  /** `unknown`: there is no such container. */
  readonly stop: (name: string, now: boolean) => Promise<'accepted' | 'unknown'>;
  readonly drain: (on: boolean) => Promise<void>;
  /** Drains and ends every container. Resolves when that is accepted, not when it is done. */
  readonly cleanup: () => Promise<void>;
}

/** The control API, not listening yet. It serves the read-only routes too, so that `--wait` needs no TCP. */
export function buildControl(deps: ControlDeps): FastifyInstance {
  const app = newServer(deps.log);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(String(body)));
    } catch {
      done(null, null);
    }
  });
  readRoutes(app, deps);
  app.post('/stop', async (request, reply) => {
    const asked = parse(stopRequest, request.body);
    if (asked === null) return reply.code(400).send({ error: 'expected {"name": string, "now": boolean}' });
    const answer = await deps.stop(asked.name, asked.now);
    return answer === 'accepted'
      ? reply.code(202).send({})
      : reply.code(404).send({ error: `no container of ours is named ${asked.name}` });
  });
  const commands = {
    '/drain': () => deps.drain(true),
    '/resume': () => deps.drain(false),
    '/cleanup': () => deps.cleanup(),
  };
  for (const [path, act] of Object.entries(commands)) {
    app.post(path, async (request, reply) => {
      if (parse(noRequest, request.body ?? {}) === null)
        return reply.code(400).send({ error: 'no body expected' });
      await act();
      return reply.code(202).send({});
    });
  }
  return app;
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> | null {
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** Another controller answers on this socket; its state directory is another one, or the lock would have told. */
export class SocketInUseError extends Error {
  override readonly name = 'SocketInUseError';

  constructor(path: string) {
    super(`another controller listens on ${path}; give this one a RUNTIME_DIR of its own`);
  }
}

/** The directory belongs to or can be written by others, who could put a socket of theirs in the place of ours. */
export class SharedDirectoryError extends Error {
  override readonly name = 'SharedDirectoryError';

  constructor(path: string, why: string) {
    super(`${path} ${why}; remove it, or set RUNTIME_DIR to a directory of this user alone`);
  }
}

async function refuseShared(path: string): Promise<void> {
  const { mode, uid } = await stat(path);
  const own = process.getuid?.() ?? uid;
  if (uid !== own) throw new SharedDirectoryError(path, `belongs to uid ${uid}`);
  if ((mode & 0o002) !== 0) throw new SharedDirectoryError(path, 'can be written to by every user');
}

/** Listens on the socket, which only its owner may use. A socket that nobody answers on is left over and replaced. */
export async function listenControl(app: FastifyInstance, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await refuseShared(dirname(path));
  if (await isAnswered(path)) throw new SocketInUseError(path);
  await rm(path, { force: true });
  const before = process.umask(0o177);
  try {
    await app.listen({ path });
  } finally {
    process.umask(before);
  }
  await chmod(path, 0o600);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
