import { expect, it } from 'vitest';

import { EtagCache } from '../../../src/github/rest/etag.ts';
import type { CachedPage, PageKey } from '../../../src/github/rest/etag.ts';
import { openScripted } from '../../support/scripted-server.ts';
import { clientOf, failureOf, never } from '../support.ts';

const key = (url: string, generation = 1): PageKey => ({ url, accept: 'a', apiVersion: 'v', generation });
const page = (data: unknown): CachedPage => ({ etag: 'W/"1"', data, next: null });

it('sends a weak tag back as it came, quotes included, and gives the page again', async () => {
  const etag = 'W/"0123abcd"';
  await using server = await openScripted(({ headers }) =>
    headers['if-none-match'] === etag
      ? { status: 304, headers: { etag } }
      : {
          headers: { etag },
          body: { total_count: 1, runners: [{ id: 1, name: 'x', status: 'online', busy: false }] },
        },
  );
  const { github } = clientOf(server.url);
  const first = await github.findRunner('o/r', 'x', never());
  expect(await github.findRunner('o/r', 'x', never())).toEqual(first);
  expect(server.seen.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, etag]);
});

it('does not take a 304 that it did not ask for as an empty page', async () => {
  await using server = await openScripted(() => ({ status: 304 }));
  const { github } = clientOf(server.url);
  expect((await failureOf(github.findRunner('o/r', 'x', never()))).code).toBe('unexpected');
});

it('does not keep a page that it could not read', async () => {
  await using server = await openScripted(() => ({ headers: { etag: '"1"' }, body: { total_count: 0 } }));
  const { github } = clientOf(server.url);
  await failureOf(github.findRunner('o/r', 'x', never()));
  await failureOf(github.findRunner('o/r', 'x', never()));
  expect(server.seen.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
});

it('lets the least recently used page go when there are too many', () => {
  const cache = new EtagCache(2, 10_000);
  cache.put(key('a'), page(1));
  cache.put(key('b'), page(2));
  cache.get(key('a'));
  cache.put(key('c'), page(3));
  expect(['a', 'b', 'c'].map((url) => cache.get(key(url))?.data)).toEqual([1, undefined, 3]);
});

it('holds no more than its size, and nothing larger than that', () => {
  const cache = new EtagCache(100, 1_000);
  cache.put(key('a'), page('x'.repeat(600)));
  cache.put(key('b'), page('x'.repeat(600)));
  cache.put(key('c'), page('x'.repeat(2_000)));
  expect(['a', 'b', 'c'].map((url) => cache.get(key(url)) !== undefined)).toEqual([false, true, false]);
});

it('tells the pages of one token from those of the next', () => {
  const cache = new EtagCache(100, 10_000);
  cache.put(key('a', 1), page(1));
  expect(cache.get(key('a', 2))).toBeUndefined();
  cache.put(key('b', 2), page(2));
  expect(cache.get(key('a', 1))).toBeUndefined();
});
