import { USAGE } from '../../src/cli/usage.ts';

/** A Markdown table; the cells of a row as they stand. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** What stands in the pages between `<!-- made: NAME -->` and `<!-- end: NAME -->`: made from what the program itself uses. */
export const BLOCKS: Readonly<Record<string, () => string>> = {
  commands: () =>
    markdownTable(
      ['Command', 'Does'],
      Object.values(USAGE).map(({ synopsis, summary }) => [`\`${synopsis}\``, summary]),
    ),
};
