/**
 * Requests to GitHub's REST API, whatever they are about. Everything that GitHub limits or may refuse is handled here:
 * the governor's word, ETags, deadlines and repeated reads. Start with `Requester`; the token is added in `transport.ts`
 * only.
 */

import type { Octokit } from '@octokit/rest';
import type { z } from 'zod';

import { abortable } from '../../abort.ts';
import { GithubError } from '../../core/errors.ts';
import type { Millis } from '../../core/model.ts';
import type { RateLimit, RequestCounts } from '../../core/observation.ts';
import { clean } from '../../core/text.ts';
import { AnswerError, answerError, answerOf, header, transportError, wordsOf } from '../errors.ts';
import type { Answer, Purpose } from '../errors.ts';
import type { Credential, GithubOptions } from '../options.ts';
import type { Tuning } from '../tuning.ts';
import { EtagCache } from './etag.ts';
import type { CachedPage, PageKey } from './etag.ts';
import { Governor } from './governor/governor.ts';
import { purposeOf } from './governor/priority.ts';
import type { Kind, Priority } from './governor/priority.ts';
import { hourLeft, isLimit, limitWait, rateLimitOf } from './limits.ts';
import { createOctokit, octokitLog } from './octokit.ts';
import { nextLink, parsed } from './page.ts';
import type { Page } from './page.ts';
import { RequestCounter } from './request-counts.ts';
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

interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly etag?: string | undefined;
}

/** What has become of a request that the governor let go. */
interface Flight {
  isSent: boolean;
  /** GitHub does not count it. Known with its answer only. */
  isFree: boolean;
  /** The throttling plugin says that the answer limits us. */
  isLimited: boolean;
}

/** Sends one identity's requests: governor, token, ETags, deadlines, retries of reads, errors in words. */
export class Requester {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #origin: string;
  readonly #octokit: Octokit;
  readonly #governor: Governor;
  readonly #counter: RequestCounter;
  readonly #cache: EtagCache;
  #rateLimit: RateLimit | null = null;

  constructor(options: GithubOptions, tuning: Tuning) {
    this.#options = options;
    this.#tuning = tuning;
    this.#origin = new URL(options.apiUrl).origin;
    this.#octokit = createOctokit(options.apiUrl, options.log);
    this.#governor = new Governor(options.clock, tuning, options.log);
    this.#counter = new RequestCounter(options.clock);
    this.#cache = new EtagCache(tuning.cacheEntries, tuning.cacheSize);
  }

  rateLimit(): RateLimit | null {
    return this.#rateLimit;
  }

  requests(): RequestCounts {
    return this.#counter.lastHour();
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
  probe(url: string, ask: Ask): Promise<Answer> {
    return this.#fly('read', ask, (flight) =>
      this.#send(this.#credential(ask), { method: 'GET', url }, ask, flight),
    );
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
    return parsed(schema, (await this.#write({ method: 'POST', url, body }, ask)).data, ask);
  }

  /** Removes something. It is sent once. */
  async delete(url: string, ask: Ask): Promise<void> {
    await this.#write({ method: 'DELETE', url }, ask);
  }

  async #write(outgoing: Outgoing, ask: Ask): Promise<Answer> {
    const answer = await this.#fly('write', ask, (flight) =>
      this.#send(this.#credential(ask), outgoing, ask, flight),
    );
    if (!isDone(answer)) throw answerError(answer, ask);
    return answer;
  }

  #getOnce<T>(url: string, schema: z.ZodType<T>, ask: Ask): Promise<Page<T>> {
    return this.#fly('read', ask, async (flight) => {
      const credential = this.#credential(ask);
      const { generation } = credential;
      const key: PageKey = { url, accept: ACCEPT, apiVersion: API_VERSION, generation };
      const cached = this.#cache.get(key);
      const outgoing: Outgoing = { method: 'GET', url, etag: cached?.etag };
      const answer = await this.#send(credential, outgoing, ask, flight);
      if (answer.status === 304 && cached !== undefined) return cached as CachedPage & Page<T>;
      const page = { data: parsed(schema, answer.data, ask), next: nextLink(answer, url) };
      const etag = header(answer, 'etag');
      if (etag !== null) this.#cache.put(key, { etag, ...page });
      return page;
    });
  }

  /** Does something with a request once the governor lets it go, and tells the governor when it is over. */
  async #fly<T>(kind: Kind, ask: Ask, work: (flight: Flight) => Promise<T>): Promise<T> {
    const over = await this.#pass(kind, ask);
    const flight: Flight = { isSent: false, isFree: false, isLimited: false };
    try {
      return await work(flight);
    } finally {
      over(flight.isFree || !flight.isSent);
    }
  }

  async #pass(kind: Kind, ask: Ask): Promise<(free: boolean) => void> {
    try {
      return await this.#governor.pass(kind, ask.priority, ask.signal);
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
  async #send(credential: Credential, outgoing: Outgoing, ask: Ask, flight: Flight): Promise<Answer> {
    const { method, url, body, etag } = outgoing;
    const transport = { ...this.#options, origin: this.#origin, tuning: this.#tuning };
    const request = {
      log: octokitLog(this.#options.log),
      limited: () => {
        flight.isLimited = true;
      },
      fetch: (target: string, init: RequestInit) => {
        flight.isSent = true;
        this.#counter.sent(purposeOf(ask.priority));
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
      this.#heard(answer, flight);
      return answer;
    } catch (error) {
      if (ask.signal.aborted) throw transportError(abortedBy(ask.signal), ask);
      return this.#failed(error, ask, flight);
    }
  }

  #failed(error: unknown, ask: Ask, flight: Flight): Answer {
    const answer = answerOf(error);
    if (answer === null) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (cause instanceof TransportError) throw transportError(cause, ask);
      const why = flight.isSent ? 'an answer that Octokit cannot read' : 'Octokit did not send the request';
      throw new GithubError('unexpected', `cannot ${ask.what}: ${why}`);
    }
    flight.isLimited ||= isLimit(answer);
    this.#heard(answer, flight);
    if (answer.status === 304) return answer;
    throw flight.isLimited ? this.#limited(answer, ask) : answerError(answer, ask);
  }

  /** Stops everything, because an answer limits us. */
  #limited(answer: Answer, ask: Ask): GithubError {
    const words = wordsOf(answer.data);
    const retryAt = this.#governor.stop(limitWait(answer), words === '' ? `status ${answer.status}` : words);
    const cause = new AnswerError(answer.status, words);
    const message = `cannot ${ask.what}: GitHub limits us until ${this.#wallText(retryAt)}: ${cause.message}`;
    return new GithubError('rate-limited', message, { retryAt, cause });
  }

  /** Takes note of what an answer costs, and of what it says is left. */
  #heard(answer: Answer, flight: Flight): void {
    flight.isFree = answer.status === 304 || flight.isLimited;
    if (answer.status === 304) this.#counter.notModified();
    else if (!flight.isFree) this.#counter.counted();
    this.#rateLimit = rateLimitOf(answer) ?? this.#rateLimit;
    const left = hourLeft(answer);
    if (left !== null) this.#governor.heard(left);
    if (answer.status < 400) this.#governor.served();
  }

  #wallText(at: Millis): string {
    const { clock } = this.#options;
    return new Date(clock.wall() + at - clock.now()).toISOString();
  }
}

/** Whether the removal is done. A 202 only announces it, and a container may be ended because of this answer. */
function isDone({ status }: Answer): boolean {
  return status === 200 || status === 201 || status === 204;
}
