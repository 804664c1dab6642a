import type { Sealed } from './ports.ts';

const REDACTED = '[redacted]';

/** A credential that no log line, error or JSON shows by accident. Each place that needs the text calls `reveal`. */
export class Secret implements Sealed {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  /** What Node's `util.inspect` shows, and so what a console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
