/** An answer that is an error: its status, GitHub's message, and for 422 the details. */
export class HttpFailure extends Error {
  override name = 'HttpFailure';
  readonly status: number;
  readonly details: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    more: { details?: readonly string[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.details = more.details ?? [];
    this.headers = more.headers ?? {};
  }
}

/** The JSON body GitHub gives with an error. */
export function errorBody(failure: HttpFailure): Record<string, unknown> {
  return {
    message: failure.message,
    ...(failure.details.length > 0 ? { errors: failure.details } : {}),
    documentation_url: 'https://docs.github.com/rest',
    status: String(failure.status),
  };
}
