import xterm from '@xterm/headless';

/** Ends each frame of what is drawn in place. */
const FRAME_END = '\u001B[?2026l';
const SCROLLBACK = 10_000;

/** A terminal that shows what a program wrote, in the way of those that people use. */
export class Screen {
  readonly #terminal: xterm.Terminal;

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: SCROLLBACK,
      // As the driver of a terminal does.
      convertEol: true,
      allowProposedApi: true,
    });
  }

  async show(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#terminal.write(text, resolve);
    });
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Every line, those that have scrolled away included, down to the last that is not empty. */
  get lines(): readonly string[] {
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true) ?? '',
    );
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /** Lines that go on from the one above, because that was longer than the terminal is wide. */
  get wrapped(): readonly string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.length }, (_, at) => active.getLine(at)).flatMap((line) =>
      line?.isWrapped === true ? [line.translateToString(true)] : [],
    );
  }
}

/** What was written, cut after each frame. */
export function frames(written: string): readonly string[] {
  const parts = written.split(FRAME_END);
  return parts.map((part, at) => (at === parts.length - 1 ? part : `${part}${FRAME_END}`));
}
