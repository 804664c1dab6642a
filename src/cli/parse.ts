import { parseArgs } from 'node:util';

import type { Command } from './command.ts';
import type { Flag, Values } from './flag.ts';
import { absent, readValue, written } from './flag.ts';
import { commandOf, subjects } from './lookup.ts';
import { perhaps, plain, usage } from './usage-error.ts';

/** What a line asks for. */
export type Asked =
  | { readonly asks: 'version' }
  /** The pages of these commands; of none, the overview. */
  | { readonly asks: 'help'; readonly commands: readonly Command[] }
  | {
      readonly asks: 'command';
      readonly command: Command;
      readonly flags: Values;
      readonly operands: readonly string[];
    };

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

const HELP: ReadonlySet<string> = new Set(['-h', '--help']);
const VERSION: ReadonlySet<string> = new Set(['-V', '--version']);

/**
 * Understands a line without doing anything. Whoever asks for the version gets it, and for help about a command that there
 * is too, whatever else is wrong.
 * A flag may stand before its command, so a name takes a value in every command or in none.
 * @throws CommandFailure with exit code 2, naming what is wrong and the page to read
 */
export function parseLine(argv: readonly string[], commands: readonly Command[]): Asked {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  if (words.some((word) => VERSION.has(word))) return { asks: 'version' };
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      commands.flatMap(({ flags }) =>
        Object.entries(flags).map(([name, { kind }]) => [name, { type: typeOf(kind) }] as const),
      ),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const about = positionals[0] === 'help' ? positionals.slice(1) : positionals;
  if (about !== positionals || words.some((word) => HELP.has(word))) {
    return { asks: 'help', commands: subjects(about, commands) };
  }
  refuseUnknown(tokens, commands);
  const { command, operands } = commandOf(positionals, commands);
  if (end >= 0 && tokens.some(({ kind }) => kind === 'option-terminator')) {
    throw usage('-- has no use here: no operand begins with -', command.name);
  }
  const given = tokens.flatMap((token) =>
    token.kind === 'option' ? [{ ...token, word: argv[token.index] ?? token.rawName }] : [],
  );
  const flags = flagsOf(command, given);
  checkOperands(command, operands);
  return { asks: 'command', command, flags, operands };
}

/** A flag that no command has may take the next word for its value, so it is told before that word is taken for a command. */
function refuseUnknown(tokens: readonly Token[], commands: readonly Command[]): void {
  const known = commands.flatMap(({ flags }) => Object.keys(flags).map((name) => `--${name}`));
  const command = tokens.findIndex(({ kind }) => kind === 'positional');
  for (const token of tokens.slice(0, Math.max(0, command))) {
    if (token.kind === 'option' && !known.includes(token.rawName)) {
      throw usage(`no command has ${plain(token.rawName)}${perhaps(token.rawName, known)}`);
    }
  }
}

function typeOf(kind: Flag['kind']): 'boolean' | 'string' {
  return kind === 'switch' ? 'boolean' : 'string';
}

/** An option as it was written: `word` is all of it. */
interface Written {
  readonly name: string;
  readonly word: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function flagsOf(command: Command, given: readonly Written[]): Values {
  const wrong: string[] = [];
  const texts = new Map<string, string | null>();
  for (const one of given) {
    const text = textOf(command, one);
    if (typeof text === 'object' && text !== null) wrong.push(text.wrong);
    else if (text !== null && texts.has(one.name)) wrong.push(`--${one.name} is given twice`);
    else texts.set(one.name, text);
  }
  const values = Object.entries(command.flags).map(([name, flag]) => {
    const text = texts.get(name);
    if (text === undefined) return [name, absent(flag)];
    if (flag.kind === 'switch' || text === null) return [name, true];
    if (flag.goesWith !== undefined && !texts.has(flag.goesWith)) {
      wrong.push(`--${name} goes with --${flag.goesWith}`);
    }
    const read = readValue(name, flag, text);
    if ('wrong' in read) wrong.push(read.wrong);
    return [name, 'wrong' in read ? undefined : read.value];
  });
  if (wrong.length > 0) throw usage([...new Set(wrong)].join('\n'), command.name);
  return Object.fromEntries(values) as Values;
}

/** The text of a flag's value, null for a flag that takes none, or what is wrong with it. */
function textOf(
  command: Command,
  { name, word, value, inlineValue }: Written,
): string | null | { readonly wrong: string } {
  const long = word.startsWith('--');
  const flag = long && Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
  if (flag === undefined) {
    const [bare = ''] = word.split('=', 1);
    const known = [...Object.keys(command.flags), 'help', 'version'].map((one) => `--${one}`);
    return { wrong: `${command.name} has no ${plain(bare)}${perhaps(bare, known)}` };
  }
  if (flag.kind === 'switch') {
    return value === undefined ? null : { wrong: `--${name} takes no value` };
  }
  const needs = `--${name} needs a value: ${written(name, flag)}`;
  if (value === undefined || value === '') return { wrong: needs };
  // The next flag, rather than a value: whoever means it writes it with `=`.
  if (inlineValue !== true && /^-./.test(value)) {
    return { wrong: `${needs}; one that begins with - is written --${name}=${flag.placeholder}` };
  }
  return value;
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const missing = operands.slice(given.length).find(({ required }) => required);
  if (missing !== undefined) throw usage(`${name} needs the ${missing.name} ${missing.says}`, name);
  const extra = given[operands.length];
  if (extra !== undefined) throw usage(`${name} takes no ${plain(extra)}`, name);
}
