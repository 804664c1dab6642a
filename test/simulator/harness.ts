import { expect } from 'vitest';

import type { AnsweredRequest, SimulatorOptions } from '../../src/simulator/options.ts';
import { buildSimulator, type SimulatorServer } from '../../src/simulator/server.ts';
import { checkAnswer, checkRequest } from './openapi.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
};
/** Loose on purpose: the description checks shapes, tests look at single fields. */
export type Body = { readonly [key: string]: unknown };

export type Simulator = AsyncDisposable & {
  readonly github: SimulatorServer;
  readonly url: string;
  readonly ask: (
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string>; token?: string },
  ) => Promise<Answer>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (path: string, body?: unknown) => Promise<Answer>;
  readonly del: (path: string) => Promise<Answer>;
  /** Makes a runner by JIT config and connects it. */
  readonly runner: (name: string, labels?: readonly string[]) => Promise<{ id: number; session: string }>;
};

const RUNNERS = '/repos/o/r/actions/runners';

/** A listening simulator whose every unspoilt answer is held against GitHub's description. */
export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const complaints: string[] = [];
  const onAnswer = (answered: AnsweredRequest): void => {
    if (answered.faulted) return;
    // A refused request may be wrong; one that was served must be right, too.
    complaints.push(...(answered.status < 300 ? checkRequest(answered) : checkAnswer(answered)));
  };
  const github = buildSimulator({ onAnswer, ...options });
  const { url } = await github.listen();
  const ask: Simulator['ask'] = async (method, path, more = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `token ${more.token ?? 'fake-token'}`,
        'user-agent': 'test',
        ...more.headers,
      },
      ...(more.body === undefined
        ? {}
        : { body: typeof more.body === 'string' ? more.body : JSON.stringify(more.body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, text, body: isJson ? readJson(text) : {} };
  };
  return {
    github,
    url,
    ask,
    get: (path, headers) => ask('GET', path, headers === undefined ? {} : { headers }),
    post: (path, body) => ask('POST', path, body === undefined ? {} : { body }),
    del: (path) => ask('DELETE', path),
    runner: async (name, labels = ['self-hosted']) => {
      const made = await ask('POST', `${RUNNERS}/generate-jitconfig`, {
        body: { name, runner_group_id: 1, labels },
      });
      const { clientId } = credentials(String(made.body['encoded_jit_config']));
      const { session, runner } = github.sessions.connect(clientId);
      return { id: runner.id, session };
    },
    [Symbol.asyncDispose]: async () => {
      await github.close();
      expect(complaints).toEqual([]);
    },
  };
}

function readJson(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

/** What a runner reads out of its JIT config. */
export function credentials(jit: string): { clientId: string; files: Record<string, Body> } {
  const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
  const map = JSON.parse(decode(jit)) as Record<string, string>;
  const files = Object.fromEntries(
    Object.entries(map).map(([name, content]) => [name, JSON.parse(decode(content)) as Body]),
  );
  const data = files['.credentials']?.['Data'] as { ClientId: string };
  return { clientId: data.ClientId, files };
}

/** The list under `key` of an answer. */
export function list(answer: Answer, key: string): Body[] {
  return answer.body[key] as Body[];
}
