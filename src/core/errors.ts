import type { Millis } from './model.ts';

/**
 * What a caller does about a failed GitHub request.
 * `unauthorized`: the credential is bad. `forbidden`: it lacks a permission. `rate-limited`: ask again after `retryAt`.
 * `not-found`: no such thing, or not for us. `lost`: a write whose outcome was cleaned up; use a new name.
 * `refused`: GitHub says that the request itself is wrong. `unreachable`: no answer, or 5xx.
 * `unexpected`: an answer that we do not understand.
 */
export type GithubErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'rate-limited'
  | 'not-found'
  | 'lost'
  | 'refused'
  | 'unreachable'
  | 'unexpected';

/** A GitHub request that did not do what was asked. The message never holds a secret. */
export class GithubError extends Error {
  override readonly name = 'GithubError';
  readonly code: GithubErrorCode;
  /** For `rate-limited`: when to ask again. */
  readonly retryAt: Millis | null;

  constructor(code: GithubErrorCode, message: string, more: { cause?: unknown; retryAt?: Millis } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.retryAt = more.retryAt ?? null;
  }
}

/** An engine that could not do what was asked; names the container and what was tried. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
