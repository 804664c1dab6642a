import type { z } from 'zod';
import { GithubError } from '../../core/errors.ts';
import { AnswerError } from '../errors.ts';
import type { Ask, Requester } from './requester.ts';

const LARGE_PAGE = 100;
const SMALL_PAGE = 30;

/** GitHub cuts a search at a thousand results, whatever `total_count` says. */
const SEARCH_CAP = 1_000;

/** A list of GitHub that comes in pages. */
export interface List<
  P extends { readonly total_count?: number | undefined },
  T extends { readonly id: number },
> {
  /** Absolute, without paging parameters. */
  readonly url: string;
  readonly schema: z.ZodType<P>;
  readonly items: (page: P) => readonly T[];
}

/** Reads lists to their end: all pages, or an error. */
export class Lists {
  readonly #requester: Requester;
  readonly #maxPages: number;
  /** Lists that GitHub could not make in large pages before its own time ran out. */
  readonly #small = new Set<string>();

  constructor(requester: Requester, maxPages: number) {
    this.#requester = requester;
    this.#maxPages = maxPages;
  }

  /** Every item, once each, in no promised order. */
  async all<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    ask: Ask,
  ): Promise<readonly T[]> {
    if (this.#small.has(list.url)) return this.#read(list, SMALL_PAGE, ask);
    try {
      return await this.#read(list, LARGE_PAGE, ask);
    } catch (error) {
      if (!(error instanceof GithubError) || !isTooSlow(error)) throw error;
      const items = await this.#read(list, SMALL_PAGE, ask);
      this.#small.add(list.url);
      return items;
    }
  }

  /** The first, newest page only. */
  async first<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    ask: Ask,
  ): Promise<readonly T[]> {
    const perPage = this.#small.has(list.url) ? SMALL_PAGE : LARGE_PAGE;
    const page = await this.#requester.get(paged(list.url, perPage), list.schema, ask);
    return list.items(page.data);
  }

  /** Lets large pages be tried again: most lists are slow for an hour, not for ever. */
  forgetSlow(): void {
    this.#small.clear();
  }

  async #read<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    perPage: number,
    ask: Ask,
  ): Promise<readonly T[]> {
    const items = new Map<number, T>();
    // An entry can slip from one page to another while they are read; a second pass finds it.
    for (let pass = 1; pass <= 2; pass += 1) {
      const { total, pages } = await this.#pass(list, perPage, ask, items);
      if (pages === 1 || items.size >= Math.min(total, SEARCH_CAP)) break;
    }
    return [...items.values()];
  }

  async #pass<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    perPage: number,
    ask: Ask,
    items: Map<number, T>,
  ): Promise<{ readonly total: number; readonly pages: number }> {
    const giveUp = perPage === LARGE_PAGE ? isTooSlow : undefined;
    const seen = new Set<string>();
    let total = 0;
    let url: string | null = paged(list.url, perPage);
    while (url !== null) {
      this.#mayFollow(url, list.url, seen, ask);
      seen.add(url);
      const page: { readonly data: P; readonly next: string | null } = await this.#requester.get(
        url,
        list.schema,
        ask,
        giveUp,
      );
      for (const item of list.items(page.data)) items.set(item.id, item);
      total = page.data.total_count ?? items.size;
      url = page.next;
    }
    return { total, pages: seen.size };
  }

  #mayFollow(url: string, from: string, seen: ReadonlySet<string>, ask: Ask): void {
    const why = ((): string | null => {
      const { origin } = new URL(url);
      if (origin !== new URL(from).origin)
        return `its next page is at ${origin}, where the token must not go`;
      if (seen.has(url)) return 'its pages lead back to one another';
      return seen.size >= this.#maxPages ? `it has more than ${this.#maxPages} pages` : null;
    })();
    if (why !== null)
      throw new GithubError('unexpected', `cannot ${ask.what}: the list does not end: ${why}`);
  }
}

/** GitHub gives up on a slow list after ten seconds, with one of these. */
function isTooSlow(error: GithubError): boolean {
  return error.cause instanceof AnswerError && (error.cause.status === 502 || error.cause.status === 504);
}

function paged(url: string, perPage: number): string {
  return `${url}${url.includes('?') ? '&' : '?'}per_page=${perPage}`;
}
