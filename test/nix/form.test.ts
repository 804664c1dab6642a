import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { files, ROOT } from './support/nix.ts';

/** Characters of the longest line. */
const LONGEST = 120;

/** Which lines are of a text in single quotes, or hold one in double quotes: a message or a description may be long. */
function textual(lines: readonly string[]): readonly boolean[] {
  let within = false;
  return lines.map((line) => {
    const before = within;
    for (const _ of line.matchAll(/''(?!['$\\])/g)) within = !within;
    return before || within || line.includes('"');
  });
}

/** What is wrong with the form of a Nix file, as `line: what`. What nixfmt would do beyond that is for those who have it. */
function faults(text: string): readonly string[] {
  const lines = text.split('\n');
  const ended = lines.pop() === '';
  const mayBeLong = textual(lines);
  const rules: readonly (readonly [string, (line: string, at: number) => boolean])[] = [
    ['a tab', (line) => line.includes('\t')],
    ['a blank at the end', (line) => line !== line.trimEnd()],
    ['an indentation of an odd number of blanks', (line) => /^(?: {2})* (?! )/.test(line)],
    [`more than ${LONGEST} characters`, (line, at) => line.length > LONGEST && mayBeLong[at] !== true],
  ];
  return [
    ...lines.flatMap((line, at) =>
      rules.filter(([, breaks]) => breaks(line, at)).map(([what]) => `${at + 1}: ${what}`),
    ),
    ...(ended ? [] : [`${lines.length + 1}: no line end`]),
    ...(text.endsWith('\n\n') ? [`${lines.length}: an empty line at the end`] : []),
  ];
}

describe('the form of every Nix file', () => {
  it.each(['flake.nix', 'default.nix', ...files('.nix', 'nix', 'examples', 'test/nix')])('%s', (name) => {
    expect(faults(readFileSync(join(ROOT, name), 'utf8'))).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['{\n  a = 1;\n}\n', []],
    ['{\n\ta = 1;\n}\n', ['2: a tab']],
    ['{ \n}\n', ['1: a blank at the end']],
    ['{\n   a = 1;\n}\n', ['2: an indentation of an odd number of blanks']],
    [`# ${'x'.repeat(LONGEST - 1)}\n`, [`1: more than ${LONGEST} characters`]],
    [`{\n  a = "${'x'.repeat(LONGEST)}";\n}\n`, []],
    [`{\n  a = ''\n    ${'x'.repeat(LONGEST)}\n  '';\n}\n`, []],
    ['{\n}', ['2: no line end']],
    ['{\n}\n\n', ['3: an empty line at the end']],
  ])('of %j says %j', (text, said) => {
    expect(faults(text)).toEqual(said);
  });
});
