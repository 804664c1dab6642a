/**
 * What lies between the program's words and a person's screen: its size and colours, how many cells a text takes, tables
 * that fit, durations, and a region that is drawn over itself. It knows nothing of what is shown and imports nothing of
 * the program but `io.ts`. Start reading here; `table.ts` lays rows out, `live.ts` draws in place.
 */
import { styleText } from 'node:util';

import type { Io } from '../io.ts';

const USUAL = { columns: 80, rows: 24 };

type Style = Extract<Parameters<typeof styleText>[0], string>;

/** Where the output of a command goes. Its size may change at any time. */
export class Terminal {
  readonly #stdout: Io['stdout'];
  /** False for a file or a pipe. */
  readonly #isTerminal: boolean;
  /** A dumb terminal can neither move its cursor nor show colours. */
  readonly drawsInPlace: boolean;
  readonly #colours: boolean;

  constructor({ stdout, env }: Pick<Io, 'stdout' | 'env'>) {
    this.#stdout = stdout;
    this.#isTerminal = stdout.isTTY;
    this.drawsInPlace = this.#isTerminal && env['TERM'] !== 'dumb';
    this.#colours = this.drawsInPlace && (env['NO_COLOR'] ?? '') === '';
  }

  /** Without end where there is no terminal: what reads a pipe cuts for itself. */
  get columns(): number {
    return this.#isTerminal ? this.#stdout.columns || USUAL.columns : Infinity;
  }

  get rows(): number {
    return this.#isTerminal ? this.#stdout.rows || USUAL.rows : Infinity;
  }

  /** The text in that style, where there are colours. */
  paint(style: Style, text: string): string {
    // Whether there are colours is decided here, and not again by what Node thinks of its own stdout.
    return this.#colours ? styleText(style, text, { validateStream: false }) : text;
  }

  write(text: string): void {
    this.#stdout.write(text);
  }
}
