import { z } from 'zod';

import type { Random } from '../world/random.ts';

/** A rule that makes answers fail. The first rule that fits and is not used up applies. */
export const faultRule = z
  .strictObject({
    /** Default: any. */
    method: z.string().optional(),
    /** A regular expression on path and query, without `/api/v3`; default: any. */
    path: z.string().optional(),
    /** How often; default: for ever. */
    count: z.int().min(1).optional(),
    /** How many fitting requests are answered normally first. */
    skip: z.int().min(0).optional(),
    /** Chance that a fitting request is hit, by the seeded random. */
    probability: z.number().min(0).max(1).optional(),
    /** Answer with this status instead. */
    status: z.int().min(200).max(599).optional(),
    message: z.string().optional(),
    /** Send this text instead of the body; need not be JSON. */
    body: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Seconds. */
    retryAfter: z.int().min(0).optional(),
    /** The request takes effect before it goes wrong. */
    after: z.boolean().optional(),
    /** Cut the connection instead of answering. */
    reset: z.boolean().optional(),
    /** Never answer. */
    hang: z.boolean().optional(),
    /** Real milliseconds before anything else. */
    delayMs: z.int().min(0).optional(),
    /** Answer a GET as it was this many virtual seconds ago. */
    stale: z.number().min(0).optional(),
    /** Put the login under this limit, for `retryAfter` (default 60) seconds. */
    limit: z.enum(['primary', 'secondary']).optional(),
  })
  .refine((rule) => rule.path === undefined || isPattern(rule.path), {
    path: ['path'],
    message: 'not a regular expression',
  });

export type FaultRule = z.infer<typeof faultRule>;

type Armed = { readonly rule: FaultRule; readonly path: RegExp | null; left: number; skip: number };

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

export class Faults {
  readonly #random: Random;
  #armed: Armed[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(rules: readonly FaultRule[]): void {
    for (const rule of rules) {
      this.#armed.push({
        rule,
        path: rule.path === undefined ? null : new RegExp(rule.path, 'u'),
        left: rule.count ?? Number.POSITIVE_INFINITY,
        skip: rule.skip ?? 0,
      });
    }
  }

  clear(): void {
    this.#armed = [];
  }

  /** The rule that applies to this request; it is counted as used. */
  strike(method: string, url: string): FaultRule | undefined {
    for (const armed of this.#armed) {
      const { rule } = armed;
      if (armed.left === 0) continue;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      if (armed.path !== null && !armed.path.test(url)) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      return rule;
    }
    return undefined;
  }
}

/** What GitHub says with a status when the rule does not. */
export function wordsFor(status: number): string {
  if (status === 429)
    return 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  if (status === 404) return 'Not Found';
  if (status === 403) return 'Resource not accessible by personal access token';
  return status >= 500 ? 'Server Error' : 'Something is not right';
}
