/**
 * Requests to GitHub's REST API, whatever they are about. Everything that GitHub limits or may refuse is handled here:
 * budget, priorities, ETags, deadlines and repeated reads. Start with `Requester`; the token is added in `transport.ts`
 * only.
 */

import type { Octokit } from '@octokit/rest';
import type { z } from 'zod';

import { abortable } from '../../abort.ts';
import { GithubError } from '../../core/errors.ts';
import type { RateLimit } from '../../core/observation.ts';
import { clean } from '../../core/text.ts';
import {
  AnswerError,
  answerError,
  answerOf,
  header,
  headerNumber,
  limitOf,
  transportError,
  wordsOf,
} from '../errors.ts';
import type { Answer, Purpose } from '../errors.ts';
import type { Credential, GithubOptions } from '../options.ts';
import type { Tuning } from '../tuning.ts';
import { Budget } from './budget.ts';
import { EtagCache } from './etag.ts';
import type { CachedPage, PageKey } from './etag.ts';
import { createOctokit, octokitLog } from './octokit.ts';
import type { Priority } from './request-queue.ts';
import { withRetry } from './retry.ts';
import { abortedBy, send, TransportError } from './transport.ts';

const ACCEPT = 'application/vnd.github+json';
const API_VERSION = '2022-11-28';

/** A request's purpose, its priority and its signal. */
export interface Ask extends Purpose {
  readonly priority: Priority;
  readonly signal: AbortSignal;
  /** Called each time when a request goes out, after it has waited for its share of the budget. */
  readonly onSend?: () => void;
}

/** A page, schema-checked, and the address of the one that follows it, as GitHub gave it. */
export interface Page<T> {
  readonly data: T;
  readonly next: string | null;
}

interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly etag?: string | undefined;
}

/** Sends one identity's requests: budget, token, ETags, deadlines, retries of reads, errors in words. */
export class Requester {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #origin: string;
  readonly #octokit: Octokit;
  readonly #budget: Budget;
  readonly #cache: EtagCache;
  #rateLimit: RateLimit | null = null;

  constructor(options: GithubOptions, tuning: Tuning) {
    this.#options = options;
    this.#tuning = tuning;
    this.#origin = new URL(options.apiUrl).origin;
    this.#octokit = createOctokit(options.apiUrl, options.log);
    this.#budget = new Budget(options.clock, tuning, options.log);
    this.#cache = new EtagCache(tuning.cacheEntries, tuning.cacheSize);
  }

  rateLimit(): RateLimit | null {
    return this.#rateLimit;
  }

  /** Resolves when a poll may begin: at once, unless the last polls took many reads. */
  paceObservation(signal: AbortSignal): Promise<void> {
    return this.#budget.paceObservation(signal);
  }

  /** A conditional read, repeated within bounds when nobody answers. `giveUp`: failures not to be repeated. */
  get<T>(
    url: string,
    schema: z.ZodType<T>,
    ask: Ask,
    giveUp?: (error: GithubError) => boolean,
  ): Promise<Page<T>> {
    const { clock, random } = this.#options;
    const policy = { tries: this.#tuning.readTries, delay: this.#tuning.retryDelay, clock, random, giveUp };
    return withRetry(() => this.#getOnce(url, schema, ask), policy, ask.signal);
  }

  /** One read with its headers, unconditional and not repeated, for `doctor`. */
  async probe(url: string, ask: Ask): Promise<Answer> {
    await this.#pass('read', ask);
    return this.#send(this.#credential(ask), { method: 'GET', url }, ask);
  }

  /**
   * Makes something and returns the answer's body, schema-checked. It is sent once, and the caller judges a failure.
   */
  async post<T>(
    url: string,
    body: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    ask: Ask,
  ): Promise<T> {
    await this.#pass('write', ask);
    const answer = await this.#send(this.#credential(ask), { method: 'POST', url, body }, ask);
    if (!isDone(answer)) throw answerError(answer, ask);
    return parsed(schema, answer.data, ask);
  }

  /** Removes something. It is sent once. */
  async delete(url: string, ask: Ask): Promise<void> {
    await this.#pass('write', ask);
    const answer = await this.#send(this.#credential(ask), { method: 'DELETE', url }, ask);
    if (!isDone(answer)) throw answerError(answer, ask);
  }

  async #getOnce<T>(url: string, schema: z.ZodType<T>, ask: Ask): Promise<Page<T>> {
    await this.#pass('read', ask);
    const credential = this.#credential(ask);
    const key: PageKey = { url, accept: ACCEPT, apiVersion: API_VERSION, generation: credential.generation };
    const cached = this.#cache.get(key);
    const answer = await this.#send(credential, { method: 'GET', url, etag: cached?.etag }, ask);
    if (answer.status === 304 && cached !== undefined) return cached as CachedPage & Page<T>;
    const page = { data: parsed(schema, answer.data, ask), next: nextLink(answer, url) };
    const etag = header(answer, 'etag');
    if (etag !== null) this.#cache.put(key, { etag, ...page });
    return page;
  }

  async #pass(kind: 'read' | 'write', ask: Ask): Promise<void> {
    try {
      await this.#budget.pass(kind, ask.priority, ask.signal);
    } catch (error) {
      if (error instanceof GithubError) throw error;
      throw transportError(abortedBy(ask.signal), ask);
    }
  }

  #credential(ask: Ask): Credential {
    try {
      return this.#options.readToken();
    } catch (error) {
      const why = error instanceof Error ? clean(error.message) : 'the token cannot be read';
      throw new GithubError('unauthorized', `cannot ${ask.what}: ${why}`);
    }
  }

  /** One attempt. A 304 is an answer; every other status outside 2xx is an error. */
  async #send(credential: Credential, outgoing: Outgoing, ask: Ask): Promise<Answer> {
    const { method, url, body, etag } = outgoing;
    const transport = { ...this.#options, origin: this.#origin, tuning: this.#tuning };
    let sent = false;
    const request = {
      log: octokitLog(this.#options.log),
      fetch: (target: string, init: RequestInit) => {
        sent = true;
        ask.onSend?.();
        return send(transport, credential.token, ask.signal, target, init);
      },
    };
    const headers = {
      accept: ACCEPT,
      'x-github-api-version': API_VERSION,
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    };
    try {
      const reply = this.#octokit.request({ ...body, method, url, headers, request });
      const answer = (await abortable(reply, ask.signal)) as Answer;
      this.#heard(answer);
      return answer;
    } catch (error) {
      if (ask.signal.aborted) throw transportError(abortedBy(ask.signal), ask);
      return this.#failed(error, ask, sent);
    }
  }

  #failed(error: unknown, ask: Ask, sent: boolean): Answer {
    const answer = answerOf(error);
    if (answer === null) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (cause instanceof TransportError) throw transportError(cause, ask);
      const why = sent ? 'an answer that Octokit cannot read' : 'Octokit did not send the request';
      throw new GithubError('unexpected', `cannot ${ask.what}: ${why}`);
    }
    const limit = limitOf(answer, this.#options.clock.now());
    if (limit === null) this.#heard(answer);
    else this.#noteRateLimit(answer);
    if (answer.status === 304) return answer;
    if (limit === null) throw answerError(answer, ask);
    const words = wordsOf(answer.data);
    const retryAt = this.#budget.stop(limit.until, words === '' ? `status ${answer.status}` : words);
    const when = new Date(retryAt).toISOString();
    const cause = new AnswerError(answer.status, words);
    const message = `cannot ${ask.what}: GitHub limits us until ${when}: ${cause.message}`;
    throw new GithubError('rate-limited', message, { retryAt, cause });
  }

  #heard(answer: Answer): void {
    this.#noteRateLimit(answer);
    if (answer.status < 400) this.#budget.served();
  }

  #noteRateLimit(answer: Answer): void {
    const limit = headerNumber(answer, 'x-ratelimit-limit');
    const remaining = headerNumber(answer, 'x-ratelimit-remaining');
    const reset = headerNumber(answer, 'x-ratelimit-reset');
    if (limit === null || remaining === null || reset === null) return;
    this.#rateLimit = { limit, remaining, resetsAt: reset * 1000 };
  }
}

/** Whether the removal is done. A 202 only announces it, and a container may be ended because of this answer. */
function isDone({ status }: Answer): boolean {
  return status === 200 || status === 201 || status === 204;
}

function parsed<T>(schema: z.ZodType<T>, data: unknown, ask: Ask): T {
  const body = typeof data === 'string' ? fromJson(data) : data;
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
  const why = body === undefined ? 'no JSON' : `${where}: ${issue?.message ?? 'invalid'}`;
  throw new GithubError(
    'unexpected',
    `cannot ${ask.what}: GitHub's answer is not what it should be: ${clean(why)}`,
  );
}

/** The JSON of a body that Octokit left as text because of its content type; undefined when it is no JSON. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The absolute URL of the next page. Whether it may be read is checked when it is read. */
function nextLink(answer: Answer, url: string): string | null {
  const found = /<([^<>]*)>\s*;\s*rel="?next"?/.exec(header(answer, 'link') ?? '')?.[1];
  return found !== undefined && URL.canParse(found, url) ? new URL(found, url).href : null;
}
