import type { RequestOptions } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';

import { withDeadline } from '../abort.ts';
import type { LocalConfig } from '../config/config.ts';
import type { Status } from '../http/schema.ts';
import { errorSchema, statusSchema } from '../http/schema.ts';
import { CommandFailure, EXIT } from './io.ts';

/** Where to call: the control socket, or the read-only API over TCP. */
export type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** An answer of the controller. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT = 10_000;

/** The control socket of this configuration. */
export function controlSocket(local: LocalConfig): Endpoint {
  return { socketPath: join(local.runtimeDir, 'control.sock') };
}

/** The read-only API; a port that was left to the system is known to the control socket only. */
export function readApi(local: LocalConfig): Endpoint {
  const { httpHost: host, httpPort: port } = local;
  if (port === 0) return controlSocket(local);
  const anywhere = host === '0.0.0.0' || host === '::';
  return { host: anywhere ? '127.0.0.1' : host, port };
}

function nameOf(place: Endpoint): string {
  return 'socketPath' in place ? place.socketPath : `http://${place.host}:${place.port}`;
}

/**
 * One request to the running controller.
 * @throws CommandFailure with exit code 3 when nobody answers within 10 s, or before the signal fires
 */
export async function call(
  place: Endpoint,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  timeout = TIMEOUT,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    const received = await withDeadline(signal, timeout, (limit) =>
      send({ ...place, method, path, agent: false, signal: limit }, text),
    );
    return { status: received.status, body: JSON.parse(received.text) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = `the controller could not be reached at ${nameOf(place)}: ${error.message}; is it running?`;
    throw new CommandFailure(EXIT.unreachable, message);
  }
}

function send(options: RequestOptions, text: string | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = text === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ ...options, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** The running controller's status, checked. */
export async function fetchStatus(place: Endpoint, signal?: AbortSignal): Promise<Status> {
  const { status, body } = await call(place, 'GET', '/status', undefined, TIMEOUT, signal);
  const parsed = statusSchema.safeParse(body);
  if (status !== 200 || !parsed.success) {
    const message = `what answers at ${nameOf(place)} is not a runner-controller of this version`;
    throw new CommandFailure(EXIT.unreachable, message);
  }
  return parsed.data;
}

/** A request on the control socket that must be accepted. */
export async function postControl(local: LocalConfig, path: string, body: unknown = {}): Promise<void> {
  const answer = await call(controlSocket(local), 'POST', path, body);
  if (answer.status === 202) return;
  const parsed = errorSchema.safeParse(answer.body);
  throw new CommandFailure(EXIT.failed, parsed.success ? parsed.data.error : `refused with ${answer.status}`);
}
