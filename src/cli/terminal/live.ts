import { cellsOf, cut } from './cells.ts';
import type { Terminal } from './terminal.ts';

/** A terminal that knows these shows what stands between them at once. */
const TOGETHER = ['\u001B[?2026h', '\u001B[?2026l'] as const;

/**
 * Lines at the end of what the terminal shows that are drawn over themselves. They never reach its last row: then its
 * first would scroll away, where nothing can be drawn over. A terminal that is made smaller while they fill it may keep
 * some of them in its scrollback.
 */
export class LiveLines {
  readonly #terminal: Terminal;
  #drawn: readonly string[] = [];
  /** What was drawn last, and on which size. */
  #frame = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows these instead of the last ones; nothing is written where that would change nothing. */
  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#terminal;
    const drawn = clip(lines, rows - 1).map((line) => cut(line, columns));
    const frame = `${columns} ${rows} ${drawn.join('\n')}`;
    if (frame !== this.#frame) this.#replace(drawn);
    this.#frame = frame;
  }

  /** Takes them away. */
  clear(): void {
    this.#replace([]);
    this.#frame = '';
  }

  #replace(lines: readonly string[]): void {
    const text = `${this.#back()}${lines.map((line) => `${line}\n`).join('')}`;
    this.#drawn = lines;
    this.#terminal.write(`${TOGETHER[0]}${text}${TOGETHER[1]}`);
  }

  /** To where they begin, erasing all from there; a terminal that became narrower has wrapped them meanwhile. */
  #back(): string {
    const { columns, rows } = this.#terminal;
    const heights = this.#drawn.map((line) => Math.max(1, Math.ceil(cellsOf(line) / columns)));
    const up = Math.min(
      rows - 1,
      heights.reduce((sum, height) => sum + height, 0),
    );
    return `\r${up === 0 ? '' : `\u001B[${up}A`}\u001B[J`;
  }
}

/** So many lines at most; the last of them says how many are not shown. */
function clip(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const shown = lines.slice(0, Math.max(0, most - 1));
  return [...shown, `… ${lines.length - shown.length} more lines`];
}
