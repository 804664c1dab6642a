import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON; null when there was no body. */
  readonly body: unknown;
}

/** What to answer: a text is sent as it is, anything else as JSON. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** `hang`: never an answer. `reset`: the connection is cut before one. `cut`: in the middle of one. */
export type ScriptedReply = ScriptedAnswer | 'hang' | 'reset' | 'cut';

/** Decides each reply; `nth` counts from 1 the requests of the same method and URL. */
export type Script = (request: SeenRequest, nth: number) => ScriptedReply;

/** A server on loopback that says what a test tells it to, and remembers what it was asked. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** The requests as `METHOD /path?query`, in the order in which they came. */
  readonly lines: () => readonly string[];
}

export async function openScripted(script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void take(request).then((taken) => {
      seen.push(taken);
      const nth = seen.filter(({ method, url }) => method === taken.method && url === taken.url).length;
      reply(response, script(taken, nth));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    lines: () => seen.map(({ method, url }) => `${method} ${url}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function take(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

function reply(response: ServerResponse, given: ScriptedReply): void {
  if (given === 'hang') return;
  if (given === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (given === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"total_count": 0, "workflow_runs": [', () => response.socket?.destroy());
    return;
  }
  const { status = 200, headers = {}, body } = given;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
}
