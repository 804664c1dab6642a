/** One REST request, as the report tells it. */
export type RequestEntry = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Sent with `If-None-Match`. */
  readonly conditional: boolean;
  readonly login: string | null;
  readonly points: number;
  /** Virtual time, epoch milliseconds, when the request arrived. */
  readonly at: number;
  readonly faulted: boolean;
};

export type ViolationKind =
  | 'unknown-path'
  | 'unknown-query'
  | 'invalid-query'
  | 'invalid-body'
  | 'no-user-agent'
  | 'bad-api-version'
  | 'request-during-limit';

/** Something that no client of GitHub should do. */
export type Violation = {
  readonly kind: ViolationKind;
  readonly method: string;
  readonly path: string;
  readonly detail: string;
};

const MOST_ENTRIES = 100_000;

/** What was asked, and what should not have been. Keeps the newest 100,000 requests; counts all. */
export class History {
  readonly violations: Violation[] = [];
  #requests: RequestEntry[] = [];
  #count = 0;

  get requests(): readonly RequestEntry[] {
    return this.#requests;
  }

  get count(): number {
    return this.#count;
  }

  note(entry: RequestEntry): void {
    this.#count += 1;
    this.#requests.push(entry);
    if (this.#requests.length > MOST_ENTRIES * 1.1) this.#requests = this.#requests.slice(-MOST_ENTRIES);
  }

  violate(violation: Violation): void {
    this.violations.push(violation);
  }
}
