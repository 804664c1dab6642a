import { describe, expect, it } from 'vitest';

import type { Column } from '../../../src/cli/terminal/table.ts';
import { table } from '../../../src/cli/terminal/table.ts';

const COLUMNS: readonly Column[] = [
  { head: 'ID' },
  { head: 'NAME', least: 6 },
  { head: 'DETAIL', least: 6 },
  { head: 'MORE', extra: true },
  { head: 'MOST', extra: true },
];
const ROWS = [
  ['1', 'a-long-name', 'short', 'm1', 'm2'],
  ['23', 'b', 'a detail of some length', 'm1', 'm2'],
];

function at(columns: number) {
  return table(COLUMNS, ROWS, { columns, paint: (_, text) => text });
}

describe('a table', () => {
  it.each([
    [
      Infinity,
      [
        'ID  NAME         DETAIL                   MORE  MOST',
        '1   a-long-name  short                    m1    m2',
        '23  b            a detail of some length  m1    m2',
      ],
      [],
    ],
    [
      40,
      [
        'ID  NAME         DETAIL       MORE  MOST',
        '1   a-long-name  short        m1    m2',
        '23  b            a detail o…  m1    m2',
      ],
      [],
    ],
    [
      29,
      ['ID  NAME      DETAIL     MORE', '1   a-long-…  short      m1', '23  b         a detail…  m1'],
      ['MOST'],
    ],
    [18, ['ID  NAME    DETAIL', '1   a-lon…  short', '23  b       a det…'], ['MORE', 'MOST']],
    [16, ['ID  NAME  DETAIL', '1   a-l…  short', '23  b     a det…'], ['MORE', 'MOST']],
    [10, ['ID  NAME …', '1   a-l… …', '23  b    …'], ['MORE', 'MOST']],
  ])('in %d columns', (columns, lines, leftOut) => {
    expect(at(columns)).toEqual({ lines, leftOut });
  });

  it('lines up what is wide and what is painted', () => {
    const paint = (style: unknown, text: string): string => `<${String(style)}>${text}`;
    const rows = [
      [['red', '漢字'] as const, 'x'],
      ['e\u0301', 'y'],
    ];
    expect(table([{ head: 'A' }, { head: 'B' }], rows, { columns: Infinity, paint }).lines).toEqual([
      '<bold>A     <bold>B',
      '<red>漢字  x',
      'e\u0301     y',
    ]);
  });
});
