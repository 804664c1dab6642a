import type { Millis } from '../../src/core/model.ts';
import type { Random } from '../../src/core/naming.ts';
import type { SimulatorServer } from '../../src/simulator/server.ts';
import { MINUTE } from '../support/builders.ts';
import { currentProcess, outsideOfProcesses } from './process.ts';
import type { VirtualTime } from './time.ts';

/** The origin at which the simulated GitHub answers. */
export const ORIGIN = 'http://github.test';

/** GitHub's secondary limit counts a read as one point and a write as five. */
const POINTS = { read: 1, write: 5 } as const;

/** One request, as it went out. */
export interface Sent {
  readonly at: Millis;
  /** Method, path and status filter, with `ID` for numbers. */
  readonly purpose: string;
  readonly points: number;
  /** Null until it is answered; for ever when it was given up, or hung. */
  status: number | null;
}

/** What requests came to. */
export interface Requests {
  readonly sent: number;
  /** Answers that count against the hourly limit: everything but a 304. */
  readonly counted: number;
  readonly notModified: number;
  readonly byPurpose: Readonly<Record<string, number>>;
  /** The most points in any minute. */
  readonly worstMinute: number;
}

/** The way to the simulated GitHub: `fetch` for as long as it is installed. Every request takes a while. */
export class VirtualNetwork implements Disposable {
  readonly sent: Sent[] = [];
  /** How long an answer takes, on average. */
  latency: Millis;
  readonly #time: VirtualTime;
  readonly #github: SimulatorServer;
  readonly #random: Random;
  readonly #real = globalThis.fetch;

  constructor(time: VirtualTime, github: SimulatorServer, random: Random, latency: Millis) {
    this.#time = time;
    this.#github = github;
    this.#random = random;
    this.latency = latency;
    globalThis.fetch = (url, init) => this.#fetch(url instanceof Request ? url.url : url.toString(), init);
  }

  /** What was sent from that time on. */
  requests(since: Millis = 0): Requests {
    const sent = this.sent.filter(({ at }) => at >= since);
    const byPurpose: Record<string, number> = {};
    for (const { purpose } of sent) byPurpose[purpose] = (byPurpose[purpose] ?? 0) + 1;
    const answered = sent.filter(({ status }) => status !== null).length;
    const notModified = sent.filter(({ status }) => status === 304).length;
    return {
      sent: sent.length,
      counted: answered - notModified,
      notModified,
      byPurpose,
      worstMinute: worstMinute(sent),
    };
  }

  [Symbol.dispose](): void {
    globalThis.fetch = this.#real;
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    if (currentProcess()?.alive === false) return new Promise(() => undefined);
    const method = (init.method ?? 'GET') as 'GET';
    const sent: Sent = {
      at: this.#time.now(),
      purpose: purposeOf(method, url),
      points: method === 'GET' ? POINTS.read : POINTS.write,
      status: null,
    };
    this.sent.push(sent);
    const signal = init.signal ?? new AbortController().signal;
    const half = (this.latency / 2) * (0.5 + this.#random());
    await this.#time.sleep(half, signal);
    signal.throwIfAborted();
    const answer = await this.#answer(method, url, init, signal);
    sent.status = answer.status;
    await this.#time.sleep(half, signal);
    signal.throwIfAborted();
    const bodiless = answer.body.length === 0;
    return new Response(bodiless ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers,
    });
  }

  /** Asked from outside, because GitHub's side of it outlives a program that is killed meanwhile. */
  async #answer(method: 'GET', url: string, init: RequestInit, signal: AbortSignal) {
    const headers = Object.fromEntries(new Headers(init.headers));
    const body = typeof init.body === 'string' ? { body: init.body } : {};
    try {
      return await this.#time.asking(
        outsideOfProcesses(() => this.#github.inject({ method, url, headers, ...body, signal })),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw new TypeError('fetch failed', { cause: error });
    }
  }
}

function purposeOf(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url);
  const status = searchParams.get('status');
  const path = pathname.replaceAll(/\/\d+(?=\/|$)/gu, '/ID');
  return `${method} ${path}${status === null ? '' : `?status=${status}`}`;
}

function worstMinute(sent: readonly Sent[]): number {
  let worst = 0;
  let sum = 0;
  let from = 0;
  for (const { at, points } of sent) {
    sum += points;
    for (let first = sent[from]; first !== undefined && at - first.at >= MINUTE; first = sent[from]) {
      sum -= first.points;
      from += 1;
    }
    worst = Math.max(worst, sum);
  }
  return worst;
}
