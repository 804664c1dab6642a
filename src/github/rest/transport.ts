import { DeadlineError, withDeadline } from '../../abort.ts';
import type { Sealed } from '../../core/ports.ts';
import { clean } from '../../core/text.ts';
import type { Log } from '../options.ts';
import type { Tuning } from '../tuning.ts';

/**
 * Why no usable answer came. `not-sent`: the request cannot have had an effect. `cut` and `timeout`: it may have.
 * `moved`: a write was answered with a redirect. `elsewhere`: it would have led to another origin.
 */
export type TransportFault =
  | 'aborted'
  | 'timeout'
  | 'not-sent'
  | 'cut'
  | 'elsewhere'
  | 'moved'
  | 'redirects'
  | 'too-large'
  | 'bad-token';

/** A request that got no answer. It keeps nothing of what fetch threw, because that can quote headers. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly fault: TransportFault;

  constructor(fault: TransportFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const BODILESS = new Set([204, 205, 304]);

/** Connection errors that happen before any byte of the request is sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface TransportOptions {
  readonly origin: string;
  readonly version: string;
  readonly tuning: Tuning;
  readonly log: Log;
}

/**
 * The fetch that Octokit calls. Only here is the token added, so that no error of Octokit can hold it, and only for one
 * origin. Reads the whole answer within the deadline.
 */
export async function send(
  options: TransportOptions,
  token: Sealed,
  signal: AbortSignal,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const headers = headersFor(init, token, options.version);
  try {
    return await withDeadline(signal, options.tuning.requestTimeout, (inner) =>
      follow(options, url, { ...init, headers, signal: inner, redirect: 'manual' }),
    );
  } catch (error) {
    throw faultOf(error, signal);
  }
}

function headersFor(init: RequestInit, token: Sealed, version: string): Headers {
  const headers = new Headers(init.headers);
  headers.set('user-agent', `runner-controller/${version}`);
  const secret = token.reveal();
  // Headers.set would throw an error that quotes the token.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new TransportError('bad-token', 'the token is empty or holds characters that no token has');
  }
  headers.set('authorization', `Bearer ${secret}`);
  return headers;
}

async function follow(options: TransportOptions, start: string, init: RequestInit): Promise<Response> {
  const isRead = init.method === undefined || init.method === 'GET';
  let url = new URL(start);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    if (url.origin !== options.origin) {
      throw new TransportError(
        'elsewhere',
        `the answer leads to ${clean(url.origin)}, where the token must not go`,
      );
    }
    const response = await fetch(url.href, init);
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (!REDIRECTS.has(response.status)) return whole(response, options.tuning.bodySize);
    await response.body?.cancel();
    if (!isRead) {
      throw new TransportError('moved', `redirected (${response.status}) to ${clean(location ?? 'nowhere')}`);
    }
    if (location === null || !URL.canParse(location, url.href)) {
      throw new TransportError('redirects', `redirected (${response.status}) to nowhere`);
    }
    const next = new URL(location, url);
    options.log('debug', 'github redirects a read', { from: url.pathname, to: clean(next.pathname) });
    url = next;
  }
  throw new TransportError('redirects', `redirected more than ${MAX_REDIRECTS} times`);
}

/** The answer with its body read. A body that is cut off is an error here; Octokit would make an empty text of it. */
async function whole(response: Response, limit: number): Promise<Response> {
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new TransportError('too-large', `the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return new Response(BODILESS.has(status) ? null : Buffer.concat(chunks), { status, statusText, headers });
}

function faultOf(error: unknown, signal: AbortSignal): TransportError {
  if (error instanceof TransportError) return error;
  if (signal.aborted) return abortedBy(signal);
  if (error instanceof DeadlineError) return new TransportError('timeout', `no answer: ${error.message}`);
  const { code, message } = rootOf(error);
  return new TransportError(NOT_SENT.has(code) ? 'not-sent' : 'cut', clean(message));
}

/** The error of a request that the caller's signal ended. */
export function abortedBy(signal: AbortSignal): TransportError {
  const why = signal.reason instanceof DeadlineError ? signal.reason.message : 'called off';
  return new TransportError('aborted', `given up: ${why}`);
}

/** The innermost error of a chain, because fetch itself only says "fetch failed". */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  let inner = error;
  for (let depth = 0; depth < 5 && inner instanceof Error && inner.cause instanceof Error; depth += 1) {
    inner = inner.cause;
  }
  if (!(inner instanceof Error)) return { code: '', message: 'the connection failed' };
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  return { code, message: inner.message === '' ? code : inner.message };
}
