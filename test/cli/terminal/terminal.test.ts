import { describe, expect, it } from 'vitest';

import { Terminal } from '../../../src/cli/terminal/terminal.ts';

function terminal(stdout: object, env: Readonly<Record<string, string>> = {}): Terminal {
  return new Terminal({ stdout: stdout as NodeJS.WriteStream, env });
}

describe('a terminal', () => {
  it.each([
    ['as it says', { isTTY: true, columns: 132, rows: 50 }, 132, 50],
    ['80x24 where it does not know', { isTTY: true }, 80, 24],
    ['80x24 where it says nothing', { isTTY: true, columns: 0, rows: 0 }, 80, 24],
    ['without end on a pipe', { isTTY: false }, Infinity, Infinity],
    ['without end in a file', {}, Infinity, Infinity],
  ])('has its size %s', (_, stdout, columns, rows) => {
    const { columns: width, rows: height } = terminal(stdout);
    expect({ width, height }).toEqual({ width: columns, height: rows });
  });

  it.each([
    ['colours', { isTTY: true }, {}, true, true],
    ['colours with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true, true],
    ['none with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false, true],
    ['none on a dumb one, and draws nothing over', { isTTY: true }, { TERM: 'dumb' }, false, false],
    ['none on a pipe', { isTTY: false }, { FORCE_COLOR: '1' }, false, false],
  ])('has %s', (_, stdout, env, coloured, drawsInPlace) => {
    const it = terminal(stdout, env);
    expect(it.paint('red', 'text')).toBe(coloured ? '\u001B[31mtext\u001B[39m' : 'text');
    expect(it.drawsInPlace).toBe(drawsInPlace);
  });
});
