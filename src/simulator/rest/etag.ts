import { createHash } from 'node:crypto';

/** Weak, and bound to the token: another token of the same user gets another tag for the same body. */
export function etagOf(body: string, token: string): string {
  return `W/"${createHash('sha256').update(token).update('\n').update(body).digest('hex')}"`;
}

/** Whether `If-None-Match` names this tag. The quotes are needed, the weak mark is not. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//u, '');
  return header.split(',').some((tag) => opaque(tag) === opaque(etag));
}
