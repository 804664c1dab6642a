import { inspect } from 'node:util';
import type { Sealed } from '../core/ports.ts';

const REDACTED = '[redacted]';

/** A runner's credential on its way to the one file it is written to. */
export class SealedText implements Sealed {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
