import type { Command } from './command.ts';
import { explained, written } from './flag.ts';
import type { Exit } from './io.ts';
import { EXIT, EXIT_MEANINGS } from './io.ts';

function named({ name, operands }: Command): string {
  return [name, ...operands.map((one) => (one.required ? one.name : `[${one.name}]`))].join(' ');
}

/** A command with its operands and flags, as one line. */
function synopsis(command: Command): string {
  return [
    named(command),
    ...Object.entries(command.flags)
      .filter(([, flag]) => flag.kind === 'switch' || flag.common !== true)
      .map(([flagName, flag]) => `[${written(flagName, flag)}]`),
  ].join(' ');
}

const WIDTH = 80;

const EXITS = Object.keys(EXIT) as Exit[];

/** The page of all commands. */
export function overview(commands: readonly Command[]): string {
  return [
    'Usage: runner-controller [COMMAND] [OPTIONS]',
    '',
    'A fresh, ephemeral container for every queued GitHub Actions job.',
    '',
    'Commands:',
    ...columns([
      ...commands.map((one) => [named(one), one.summary] as const),
      ['help [COMMAND]', 'this text, or the page of one command'],
    ]),
    '',
    'Options:',
    ...columns([
      ['-h, --help', 'the same as help, after a command too'],
      ['-V, --version', 'print the version'],
    ]),
    '',
    'Exit codes:',
    ...columns(EXITS.map((exit) => [String(EXIT[exit]), EXIT_MEANINGS[exit].brief])),
  ].join('\n');
}

/** One command's page. */
export function pageOf(command: Command): string {
  const { summary, operands, flags, exits, example } = command;
  return [
    `Usage: runner-controller ${synopsis(command)}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    '',
    ...columns([
      ...operands.map(({ name, says }) => [name, says] as const),
      ...Object.entries(flags).map(([name, flag]) => [written(name, flag), explained(flag)] as const),
    ]),
    '',
    'Exit codes:',
    ...columns(
      EXITS.filter((exit) => exit === 'ok' || exit === 'usage' || exits[exit] !== undefined).map((exit) => [
        String(EXIT[exit]),
        exits[exit] ?? EXIT_MEANINGS[exit].brief,
      ]),
    ),
    ...(example === undefined ? [] : ['', `Example: runner-controller ${example}`]),
  ].join('\n');
}

/** Lines of what is named and what is said of it, one below the other, as wide as the narrowest terminal of today. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, says]) =>
    wrapped(says, WIDTH - width - 4).map((line, at) => `  ${(at === 0 ? name : '').padEnd(width)}  ${line}`),
  );
}

/** The words in lines of so many characters at most. */
function wrapped(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
