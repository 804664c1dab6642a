import type { z } from 'zod';

import { GithubError } from '../../core/errors.ts';
import { clean } from '../../core/text.ts';
import { header } from '../errors.ts';
import type { Answer, Purpose } from '../errors.ts';

/** A page, schema-checked, and the address of the one that follows it, as GitHub gave it. */
export interface Page<T> {
  readonly data: T;
  readonly next: string | null;
}

/** The body of an answer, schema-checked. */
export function parsed<T>(schema: z.ZodType<T>, data: unknown, purpose: Purpose): T {
  const body = typeof data === 'string' ? fromJson(data) : data;
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
  const why = body === undefined ? 'no JSON' : `${where}: ${issue?.message ?? 'invalid'}`;
  throw new GithubError(
    'unexpected',
    `cannot ${purpose.what}: GitHub's answer is not what it should be: ${clean(why)}`,
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
export function nextLink(answer: Answer, url: string): string | null {
  const found = /<([^<>]*)>\s*;\s*rel="?next"?/.exec(header(answer, 'link') ?? '')?.[1];
  return found !== undefined && URL.canParse(found, url) ? new URL(found, url).href : null;
}
