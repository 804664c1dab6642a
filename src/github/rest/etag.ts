/** A page that GitHub gave with an ETag, cut down to the fields we read. */
export interface CachedPage {
  /** Verbatim, quotes and `W/` included: without them GitHub never says 304. */
  readonly etag: string;
  readonly data: unknown;
  /** The URL of the next page, because a 304 does not repeat it. */
  readonly next: string | null;
}

/** Everything that an ETag of GitHub depends on. */
export interface PageKey {
  readonly url: string;
  readonly accept: string;
  readonly apiVersion: string;
  readonly generation: number;
}

interface Entry {
  readonly page: CachedPage;
  readonly size: number;
}

/** The pages that a 304 may stand for. The least recently used are dropped first. Only GETs are kept. */
export class EtagCache {
  readonly #maxEntries: number;
  readonly #maxSize: number;
  readonly #entries = new Map<string, Entry>();
  #size = 0;
  #generation: number | null = null;

  /** `maxSize`: characters of JSON over all pages. */
  constructor(maxEntries: number, maxSize: number) {
    this.#maxEntries = maxEntries;
    this.#maxSize = maxSize;
  }

  get(key: PageKey): CachedPage | undefined {
    const name = nameOf(key);
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.page;
  }

  put(key: PageKey, page: CachedPage): void {
    // ETags are bound to the token, so those of an earlier one are useless.
    if (key.generation !== this.#generation) this.#clear(key.generation);
    const name = nameOf(key);
    this.#drop(name);
    const size = name.length + page.etag.length + JSON.stringify(page.data).length;
    if (size > this.#maxSize) return;
    this.#entries.set(name, { page, size });
    this.#size += size;
    while (this.#entries.size > this.#maxEntries || this.#size > this.#maxSize) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#size -= entry.size;
  }

  #clear(generation: number): void {
    this.#entries.clear();
    this.#size = 0;
    this.#generation = generation;
  }
}

function nameOf(key: PageKey): string {
  return `GET ${key.url} ${key.accept} ${key.apiVersion} ${key.generation}`;
}
