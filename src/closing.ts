/** Closes everything that was opened, in reverse order, even when closing one of them fails. */
export class Closing implements AsyncDisposable {
  readonly #closers: (() => PromiseLike<unknown>)[] = [];

  add(close: () => PromiseLike<unknown>): void {
    this.#closers.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'several parts failed to close');
  }
}
