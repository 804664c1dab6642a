import { GithubError } from '../core/errors.ts';
import { clean } from '../core/text.ts';
import { TransportError } from './rest/transport.ts';

/** What a request is for, in the words of its error messages. */
export interface Purpose {
  /** Completes "cannot …". */
  readonly what: string;
  readonly scope: string;
  /** The permission that a token needs for it, as GitHub's settings page names it. */
  readonly needs: string;
}

/** GitHub's answer with an error status, as the cause of a `GithubError`. It holds nothing of our request. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(status: number, text: string) {
    super(`${status} "${text}"`);
    this.status = status;
  }
}

/** The part of an answer that decides which error it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** The answer that an error of Octokit carries, if there was one. */
export function answerOf(error: unknown): Answer | null {
  if (!(error instanceof Error) || !('response' in error) || !isRecord(error.response)) return null;
  const { status, headers, data } = error.response;
  if (typeof status !== 'number' || !isRecord(headers)) return null;
  return { status, headers: headers as Answer['headers'], data };
}

/** GitHub's own words in an answer, on one line. */
export function wordsOf(data: unknown): string {
  if (typeof data === 'string') return data.trimStart().startsWith('<') ? 'an HTML page' : clean(data);
  if (!isRecord(data) || typeof data['message'] !== 'string') return '';
  const details = Array.isArray(data['errors']) ? data['errors'] : [];
  const words = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
  return clean([data['message'], ...words].join('; '));
}

/** An answer with an error status that is no rate limit, as the error that the caller gets. */
export function answerError(answer: Answer, purpose: Purpose): GithubError {
  const { status } = answer;
  const words = wordsOf(answer.data);
  const cause = new AnswerError(status, words);
  const cannot = `cannot ${purpose.what}: GitHub answers ${cause.message}`;
  if (status === 401) {
    const advice =
      'the token is wrong, expired or revoked; put a valid one into the token file, no restart is needed';
    return new GithubError('unauthorized', `${cannot}: ${advice}`, { cause });
  }
  if (status === 403)
    return new GithubError('forbidden', `${cannot}: ${forbidden(answer, purpose)}`, { cause });
  if (status === 404 || status === 410) {
    const advice = `check that ${purpose.scope} exists under this name and that the token may see it (${purpose.needs})`;
    return new GithubError('not-found', `${cannot}: ${advice}`, { cause });
  }
  if (status >= 500 || status === 408) return new GithubError('unreachable', cannot, { cause });
  if (status >= 400) return new GithubError('refused', cannot, { cause });
  return new GithubError('unexpected', `${cannot}, which was not asked for`, { cause });
}

function forbidden(answer: Answer, purpose: Purpose): string {
  if (header(answer, 'x-github-sso') !== null) {
    return `the token is not authorised for the single sign-on of ${purpose.scope}'s organisation; authorise it in GitHub's token settings`;
  }
  const accepted = header(answer, 'x-accepted-github-permissions');
  const asked = accepted === null ? '' : ` (GitHub asks for ${clean(accepted)})`;
  return `the token needs ${purpose.needs}${asked} on ${purpose.scope}, and no policy such as an IP allow list may stop it`;
}

/** No answer at all, as the error that the caller gets. */
export function transportError(cause: TransportError, purpose: Purpose): GithubError {
  const cannot = `cannot ${purpose.what}: ${cause.message}`;
  switch (cause.fault) {
    case 'bad-token':
      return new GithubError('unauthorized', `${cannot}; write a GitHub token into the token file`, {
        cause,
      });
    case 'moved':
      return new GithubError(
        'refused',
        `${cannot}: ${purpose.scope} was renamed or moved, and writes do not follow; configure its new name`,
        { cause },
      );
    case 'elsewhere':
    case 'redirects':
    case 'too-large':
      return new GithubError('unexpected', cannot, { cause });
    case 'aborted':
    case 'timeout':
    case 'not-sent':
    case 'cut':
      return new GithubError('unreachable', cannot, { cause });
  }
}

/** Whether GitHub may have done what a failed write asked for. */
export function mayHaveHappened(error: GithubError): boolean {
  if (error.cause instanceof TransportError)
    return ['timeout', 'cut', 'too-large'].includes(error.cause.fault);
  if (error.cause instanceof AnswerError && error.cause.status === 409) return true;
  return error.code === 'unreachable' || error.code === 'unexpected';
}

/** Returns an error that GitHub or the network caused. Any other is a fault of the program and is thrown on. */
export function githubError(error: unknown): GithubError {
  if (error instanceof GithubError) return error;
  throw error;
}

/** A header of an answer, null when it is absent. */
export function header(answer: Pick<Answer, 'headers'>, name: string): string | null {
  const value = answer.headers[name];
  return value === undefined ? null : String(value);
}

/** A header that is a whole number, null when it is absent or anything else. */
export function headerNumber(answer: Pick<Answer, 'headers'>, name: string): number | null {
  const value = header(answer, name);
  return value !== null && /^\d{1,12}$/.test(value) ? Number(value) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
