import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ask } from '../../../src/github/purposes.ts';
import { Lists } from '../../../src/github/rest/lists.ts';
import type { List } from '../../../src/github/rest/lists.ts';
import { Requester } from '../../../src/github/rest/requester.ts';
import { DEFAULT_TUNING } from '../../../src/github/tuning.ts';
import { openScripted } from '../../support/scripted-server.ts';
import { failureOf, never, optionsOf } from '../support.ts';

const page = z.object({ total_count: z.number().optional(), items: z.array(z.object({ id: z.number() })) });
type Page = z.infer<typeof page>;

const why = ask({ what: 'list the things', scope: 'o/r', needs: 'nothing' }, 'registration', never());

/** What a list of `there` items comes to when GitHub counts `total`, and how many requests that took. */
async function read(
  total: number,
  there: number,
  mayBeCut: boolean,
): Promise<{ readonly items: number; readonly cut: string | null; readonly asked: number }> {
  await using server = await openScripted(({ url }) => {
    const at = Number(new URL(url, 'http://x').searchParams.get('page') ?? 1);
    const ids = Array.from({ length: there }, (_, n) => n).slice((at - 1) * 100, at * 100);
    const next = `<${server.url}/list?page=${at + 1}>; rel="next"`;
    return {
      headers: at * 100 < there ? { link: next } : {},
      body: { total_count: total, items: ids.map((id) => ({ id })) },
    };
  });
  const lists = new Lists(new Requester(optionsOf(server.url), DEFAULT_TUNING), 100);
  const list: List<Page, { id: number }> = {
    url: `${server.url}/list`,
    schema: page,
    items: ({ items }) => items,
    mayBeCut,
  };
  const outcome = lists.all(list, why);
  if (!mayBeCut && there < total) {
    const { code, message } = await failureOf(outcome);
    return { items: 0, cut: `${code}: ${message}`, asked: server.seen.length };
  }
  const { items, cut } = await outcome;
  return { items: items.length, cut, asked: server.seen.length };
}

describe('a list', () => {
  it.each([
    { title: 'that is read in full is read once', total: 250, there: 250, cut: null, asked: 3 },
    { title: 'that GitHub undercounts has everything', total: 4, there: 5, cut: null, asked: 1 },
    {
      title: 'that GitHub cuts says so, and is not read again for that',
      total: 5_000,
      there: 1_000,
      cut: 'GitHub lists the newest 1000 of 5000',
      asked: 10,
    },
    {
      title: 'that is still short when read twice is not complete',
      total: 201,
      there: 200,
      cut: 'GitHub counts 201 and lists 200',
      asked: 4,
    },
    {
      title: 'of one page may be short too',
      total: 3,
      there: 0,
      cut: 'GitHub counts 3 and lists 0',
      asked: 2,
    },
  ])('$title', async ({ total, there, cut, asked }) => {
    expect(await read(total, there, true)).toEqual({ items: there, cut, asked });
  });

  it('that must be complete fails when it is short', async () => {
    expect(await read(1_002, 1_001, false)).toEqual({
      items: 0,
      cut: 'unexpected: cannot list the things: the list is short: GitHub counts 1002 and lists 1001',
      asked: 22,
    });
  });
});
