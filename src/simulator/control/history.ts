/** One REST request, as the report shows it. */
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

/** A request that no client of GitHub should make. */
export type Violation = {
  readonly kind: ViolationKind;
  readonly method: string;
  readonly path: string;
  readonly detail: string;
};

const MOST_ENTRIES = 100_000;

/** The requests that were made, and the violations among them. It counts all and keeps the newest 100,000. */
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
