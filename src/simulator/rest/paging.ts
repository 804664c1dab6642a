import { z } from 'zod';

import type { RestAnswer } from './route.ts';

const DEFAULT_SIZE = 30;
const MOST = 100;

const wholeNumber = z.string().regex(/^\d+$/u).transform(Number);

/** Query parameters of every list. As at GitHub, more than 100 a page becomes 100 without an error. */
export const pageQuery = {
  per_page: wholeNumber.transform((size) => Math.min(size === 0 ? DEFAULT_SIZE : size, MOST)).optional(),
  page: wholeNumber.transform((page) => Math.max(page, 1)).optional(),
};

export const noQuery = z.strictObject({});

/**
 * One page of a list, wrapped as GitHub wraps it.
 * `shift` moves every page after the first, as entries that come or go between two reads do.
 */
export function pageOf<T>(
  items: readonly T[],
  query: { readonly per_page?: number | undefined; readonly page?: number | undefined },
  shift: number,
  wrap: (page: readonly T[], total: number) => unknown,
  reachable = Number.POSITIVE_INFINITY,
): RestAnswer {
  const size = query.per_page ?? DEFAULT_SIZE;
  const number = query.page ?? 1;
  const start = number === 1 ? 0 : Math.max(0, (number - 1) * size - shift);
  const seen = items.slice(0, reachable);
  return {
    status: 200,
    body: wrap(seen.slice(start, start + size), items.length),
    page: { number, last: Math.ceil(seen.length / size) },
  };
}

/** The `Link` header; undefined when all fits one page. `target` is the URL without its page. */
export function linkHeader(
  target: URL,
  page: { readonly number: number; readonly last: number },
): string | undefined {
  if (page.last <= 1) return undefined;
  const to = (number: number, rel: string): string => {
    const url = new URL(target);
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links: string[] = [];
  if (page.number > 1) links.push(to(page.number - 1, 'prev'));
  if (page.number < page.last) links.push(to(page.number + 1, 'next'), to(page.last, 'last'));
  if (page.number > 1) links.push(to(1, 'first'));
  return links.join(', ');
}
