import { COMMANDS } from '../../src/cli/commands.ts';
import type { Exit } from '../../src/cli/io.ts';
import { EXIT, EXIT_MEANINGS } from '../../src/cli/io.ts';
import { overview, pageOf } from '../../src/cli/usage.ts';
import { markdownTable } from './markdown-table.ts';
import { classTable, laterTable, settingTable } from './setting-blocks.ts';

/** What the program prints, as it prints it. */
function printed(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

/** What stands in the pages between `<!-- made: NAME -->` and `<!-- end: NAME -->`: made from what the program itself uses. */
export const BLOCKS: Readonly<Record<string, () => string>> = {
  commands: () => printed(overview(COMMANDS)),
  settings: settingTable,
  'class settings': classTable,
  'later settings': laterTable,
  'exit codes': () =>
    markdownTable(
      ['Exit code', 'Meaning'],
      Object.entries(EXIT_MEANINGS).map(([exit, { brief, detail }]) => [
        String(EXIT[exit as Exit]),
        `${brief}: ${detail}`,
      ]),
    ),
  ...Object.fromEntries(
    COMMANDS.map((command) => [`command ${command.name}`, () => printed(pageOf(command))] as const),
  ),
};
