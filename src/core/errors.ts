import type { Millis } from './model.ts';

/**
 * What a caller does about a failed GitHub request.
 * `unauthorized`: the credential is bad. `forbidden`: it lacks a permission. `rate-limited`: ask again after `retryAt`.
 * `not-found`: it does not exist, or we may not see it. `lost`: the answer to a write was lost; what it made was
 * looked up and removed, so try again under a new name.
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

/**
 * What a caller can make of a failed engine call.
 * `exists`: the name is in use, or the container had its one boot. `absent`: there is no such container.
 * `foreign`: it belongs to another controller, and stays so.
 * `not-buildable`: its system, template or class cannot be used, and that stays so until somebody changes it.
 * `not-ready`: it was started and ended, or was given up, before it was ready.
 * `timed-out`: a program of the host took too long. `host-full`: the host is short of disk, memory or files.
 * `failed`: anything else; it may go better next time.
 */
const ENGINE_ERROR_CODES = [
  'exists',
  'absent',
  'foreign',
  'not-buildable',
  'not-ready',
  'timed-out',
  'host-full',
  'failed',
] as const;

export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number];

/** An engine that could not do what was asked; names the container and what was tried. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, more: { readonly cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether this is an error of the system with this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
