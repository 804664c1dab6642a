import { describe, expect, it } from 'vitest';

import { cellsOf, cut } from '../../../src/cli/terminal/cells.ts';

describe('cells', () => {
  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['🚀', 2],
    ['e\u0301', 1],
    ['\u001B[31mred\u001B[39m', 3],
  ])('%j takes %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abcdef', 1, '…'],
    ['abcdef', Infinity, 'abcdef'],
    // Half of a wide character cannot be shown.
    ['漢字漢字', 6, '漢字…'],
    ['漢字漢字', 5, '漢字…'],
    ['\u001B[31mabc\u001B[39mdef', 3, '\u001B[31mab…\u001B[39m'],
    ['\u001B[31mabc\u001B[39mdef', 5, '\u001B[31mabc\u001B[39md…'],
    ['e\u0301e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301…'],
  ])('%j in %d: %j', (text, cells, shown) => {
    expect(cut(text, cells)).toBe(shown);
  });
});
