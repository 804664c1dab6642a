import { cellsOf, cut } from './cells.ts';
import type { Terminal } from './terminal.ts';

const GAP = '  ';

export interface Column {
  readonly head: string;
  /** It may be cut where not all fits, to so many cells. Without this it is as wide as its widest cell. */
  readonly least?: number;
  /** It is left out where the others would be cut to less than their least; of several the last goes first. */
  readonly extra?: boolean;
}

/** A cell's text, or that with the style that it is painted in. */
export type Cell = string | readonly [style: Parameters<Terminal['paint']>[0], text: string];

export interface Table {
  readonly lines: readonly string[];
  /** Heads of columns for which the terminal is too narrow. */
  readonly leftOut: readonly string[];
}

interface Fitted {
  readonly at: number;
  /** Not cut further where that is avoidable, and not at all. */
  readonly least: number;
  readonly narrowest: number;
  width: number;
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.[1] ?? '');
}

/** A head and rows of cells as lines that fit the terminal: none is wrapped, what does not fit is cut with `…`. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Pick<Terminal, 'columns' | 'paint'>,
): Table {
  const fitted = fit(columns, rows, terminal.columns);
  const line = (cells: readonly Cell[]): string => {
    const shown = fitted.map(({ at, width }) => {
      const cell = cells[at] ?? '';
      const text = cut(textOf(cell), width);
      const painted = typeof cell === 'string' ? text : terminal.paint(cell[0], text);
      return `${painted}${' '.repeat(width - cellsOf(text))}`;
    });
    return cut(shown.join(GAP).trimEnd(), terminal.columns);
  };
  const heads = columns.map(({ head }): Cell => ['bold', head]);
  return {
    lines: [heads, ...rows].map(line),
    leftOut: columns.filter((_, at) => !fitted.some((it) => it.at === at)).map(({ head }) => head),
  };
}

function fit(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  most: number,
): readonly Fitted[] {
  let fitted = columns.map(({ head, least }, at): Fitted => {
    const width = rows.reduce((widest, row) => Math.max(widest, cellsOf(textOf(row[at]))), cellsOf(head));
    const narrowest = least === undefined ? width : cellsOf(head);
    return { at, width, narrowest, least: Math.min(width, Math.max(least ?? width, narrowest)) };
  });
  const isExtra = ({ at }: Fitted): boolean => columns[at]?.extra === true;
  while (total(fitted.map(({ least }) => least)) > most) {
    const last = fitted.findLast(isExtra);
    if (last === undefined) break;
    fitted = fitted.filter((it) => it !== last);
  }
  shrink(fitted, most, ({ least }) => least);
  shrink(fitted, most, ({ narrowest }) => narrowest);
  return fitted;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

/** Takes cell by cell from the column that is widest then, until all fits or none is wider than its least. */
function shrink(fitted: readonly Fitted[], most: number, leastOf: (column: Fitted) => number): void {
  while (total(fitted.map(({ width }) => width)) > most) {
    const wide = fitted.filter((column) => column.width > leastOf(column));
    if (wide.length === 0) return;
    const widest = wide.reduce((a, b) => (b.width > a.width ? b : a));
    widest.width -= 1;
  }
}
