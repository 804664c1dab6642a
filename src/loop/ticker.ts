/** Does its work when asked, never twice at once. When it is asked while it works, it works once more after that. */
export class Ticker {
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #ticking: Promise<void> | null = null;
  #again = false;

  constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** Resolves when what was asked for is done. */
  async tick(): Promise<void> {
    if (this.#ticking !== null) {
      this.#again = true;
      return this.#ticking;
    }
    this.#ticking = this.#ticks();
    return this.#ticking;
  }

  /** Resolves when it does not work. */
  async idle(): Promise<void> {
    await this.#ticking;
  }

  async #ticks(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#work();
      } catch (error) {
        this.#failed(error);
      }
    } while (this.#again);
    // Nothing is awaited between the last test of `#again` and this, so no request for a tick can be missed.
    this.#ticking = null;
  }
}
