import { describe, expect, it } from 'vitest';

import { LiveLines } from '../../../src/cli/terminal/live.ts';
import { Terminal } from '../../../src/cli/terminal/terminal.ts';
import { Screen } from './screen.ts';

/** Lines drawn on a screen that shows what has been written only when it is asked. */
function open(columns: number, rows: number) {
  let written = 'before\n';
  const size = { columns, rows };
  const stdout = {
    isTTY: true,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    write: (text: string) => {
      written += text;
      return true;
    },
  };
  const screen = new Screen(columns, rows);
  const show = async (): Promise<readonly string[]> => {
    const text = written;
    written = '';
    await screen.show(text);
    return screen.lines;
  };
  const resize = async (columns: number, rows: number): Promise<void> => {
    await show();
    Object.assign(size, { columns, rows });
    screen.resize(columns, rows);
  };
  const terminal = new Terminal({ stdout: stdout as unknown as NodeJS.WriteStream, env: {} });
  return { live: new LiveLines(terminal), screen, show, resize };
}

describe('lines that are drawn in place', () => {
  it.each([
    ['the same number', ['a', 'b'], ['c', 'd']],
    ['shorter ones', ['aaaa', 'bbbb'], ['a', 'b']],
    ['fewer', ['a', 'b', 'c'], ['c']],
    ['one less in the middle', ['a', 'b', 'c', 'd'], ['a', 'c', 'd']],
    ['more', ['a'], ['a', 'b', 'c']],
    ['empty ones', ['a', 'b'], ['', 'b']],
    ['none', ['a', 'b'], []],
    ['as wide as the terminal', ['x'.repeat(20), 'y'.repeat(20)], ['z'.repeat(20), 'a']],
    ['wide characters', ['漢字'.repeat(5), 'b'], ['字漢'.repeat(5), 'b']],
  ])('leave nothing of the last ones: %s', async (_, before, after) => {
    const { live, screen, show } = open(20, 10);
    live.draw(before);
    expect(await show()).toEqual(['before', ...before]);
    live.draw(after);
    expect(await show()).toEqual(['before', ...after]);
    expect(screen.wrapped).toEqual([]);
  });

  it('never scroll away, however many they are', async () => {
    const { live, show } = open(20, 5);
    const many = (name: string) => Array.from({ length: 50 }, (_, at) => `${name}${at}`);
    live.draw(many('a'));
    expect(await show()).toEqual(['before', 'a0', 'a1', 'a2', '… 47 more lines']);
    live.draw(many('b'));
    expect(await show()).toEqual(['before', 'b0', 'b1', 'b2', '… 47 more lines']);
    live.clear();
    expect(await show()).toEqual(['before']);
  });

  it('are cut, not wrapped', async () => {
    const { live, screen, show } = open(10, 5);
    live.draw(['a line that is too long', '漢字漢字漢字']);
    expect(await show()).toEqual(['before', 'a line th…', '漢字漢字…']);
    expect(screen.wrapped).toEqual([]);
  });

  it.each([
    ['narrower', 11, 10],
    ['wider', 40, 10],
    ['lower', 20, 6],
    ['higher', 20, 20],
  ])('leave nothing when the terminal becomes %s', async (_, columns, rows) => {
    const { live, show, resize } = open(20, 10);
    live.draw(['x'.repeat(20), 'b', 'y'.repeat(15)]);
    await resize(columns, rows);
    live.draw(['z'.repeat(20), 'c']);
    const first = columns < 20 ? `${'z'.repeat(columns - 1)}…` : 'z'.repeat(20);
    expect(await show()).toEqual(['before', first, 'c']);
  });
});
