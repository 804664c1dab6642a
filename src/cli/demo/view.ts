import { setTimeout as sleep } from 'node:timers/promises';

import type { Io } from '../io.ts';
import { LiveLines } from '../terminal/live.ts';
import { Terminal } from '../terminal/terminal.ts';
import type { JobRow } from './rows.ts';
import { rowLines } from './rows.ts';

const LOOK_EVERY = 100;

/** What is going on, while it does: a table drawn over itself on a terminal, a line per change elsewhere. */
export class LiveView {
  readonly #io: Io;
  readonly #terminal: Terminal;
  readonly #live: LiveLines;
  readonly #rows: () => readonly JobRow[];
  #told = new Map<number, string>();

  constructor(io: Io, rows: () => readonly JobRow[]) {
    this.#io = io;
    this.#terminal = new Terminal(io);
    this.#live = new LiveLines(this.#terminal);
    this.#rows = rows;
  }

  /** Shows until `isOver` says so, and then nothing; false when the signal fires first, and what was shown last stays. */
  async until(isOver: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const over = isOver();
      this.#show();
      if (over) {
        if (this.#terminal.drawsInPlace) this.#live.clear();
        return true;
      }
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  #show(): void {
    const rows = this.#rows();
    if (this.#terminal.drawsInPlace) this.#live.draw(rowLines(rows, this.#terminal));
    else for (const row of rows) this.#tell(row);
  }

  #tell({ id, name, labels, state, key }: JobRow): void {
    if (this.#told.get(id) !== key) this.#io.out([id, labels.join(','), name, state].join('  '));
    this.#told.set(id, key);
  }
}
