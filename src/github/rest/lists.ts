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
  /** Whether what there is of a short list is of use; otherwise such a list is an error. */
  readonly mayBeCut: boolean;
}

/** What was read of a list. */
export interface Listed<T> {
  /** Every item once, in no promised order. */
  readonly items: readonly T[];
  /** Why these are not all of them; null: they are. */
  readonly cut: string | null;
}

/** Reads lists to their end: all pages, or word of what is missing, or an error. */
export class Lists {
  readonly #requester: Requester;
  readonly #maxPages: number;
  /** Lists that are read in small pages, because large ones took GitHub longer than its own time-out. */
  readonly #small = new Set<string>();

  constructor(requester: Requester, maxPages: number) {
    this.#requester = requester;
    this.#maxPages = maxPages;
  }

  async all<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    ask: Ask,
  ): Promise<Listed<T>> {
    if (this.#small.has(list.url)) return this.#read(list, SMALL_PAGE, ask);
    try {
      return await this.#read(list, LARGE_PAGE, ask);
    } catch (error) {
      if (!(error instanceof GithubError) || !isTooSlow(error)) throw error;
      const listed = await this.#read(list, SMALL_PAGE, ask);
      this.#small.add(list.url);
      return listed;
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

  /** Lets large pages be tried again, because most lists are slow only for a time. */
  forgetSlow(): void {
    this.#small.clear();
  }

  async #read<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    perPage: number,
    ask: Ask,
  ): Promise<Listed<T>> {
    const items = new Map<number, T>();
    let total = 0;
    // An entry can move from one page to another while they are read. A second pass finds it.
    for (let pass = 1; pass <= 2; pass += 1) {
      total = await this.#pass(list, perPage, ask, items);
      if (items.size >= total) return { items: [...items.values()], cut: null };
      if (list.mayBeCut && items.size >= SEARCH_CAP) break;
    }
    const short = `GitHub counts ${total} and lists ${items.size}`;
    if (!list.mayBeCut)
      throw new GithubError('unexpected', `cannot ${ask.what}: the list is short: ${short}`);
    const cut = items.size >= SEARCH_CAP ? `GitHub lists the newest ${items.size} of ${total}` : short;
    return { items: [...items.values()], cut };
  }

  /** Reads every page once into `items`, and returns how many items GitHub counts. */
  async #pass<P extends { readonly total_count?: number | undefined }, T extends { readonly id: number }>(
    list: List<P, T>,
    perPage: number,
    ask: Ask,
    items: Map<number, T>,
  ): Promise<number> {
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
    return total;
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

/** Whether GitHub gave up on a slow list, which it does after ten seconds. */
function isTooSlow(error: GithubError): boolean {
  return error.cause instanceof AnswerError && (error.cause.status === 502 || error.cause.status === 504);
}

function paged(url: string, perPage: number): string {
  return `${url}${url.includes('?') ? '&' : '?'}per_page=${perPage}`;
}
