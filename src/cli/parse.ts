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

const HELP: ReadonlySet<string> = new Set(['-h', '--help']);
const VERSION: ReadonlySet<string> = new Set(['-V', '--version']);

/**
 * Understands a line without doing anything. Whoever asks for the version or for help gets it, whatever else is wrong.
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

function typeOf(kind: Flag['kind']): 'boolean' | 'string' {
  return kind === 'switch' ? 'boolean' : 'string';
}

/** An option as it was written: `word` is all of it. */
interface Given {
  readonly name: string;
  readonly word: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function flagsOf(command: Command, given: readonly Given[]): Values {
  const texts = new Map<string, string | null>();
  for (const one of given) {
    const text = textOf(command, one);
    if (text !== null && texts.has(one.name)) throw usage(`--${one.name} is given twice`, command.name);
    texts.set(one.name, text);
  }
  return Object.fromEntries(
    Object.entries(command.flags).map(([name, flag]) => {
      const text = texts.get(name);
      if (text === undefined) return [name, absent(flag)];
      if (flag.kind === 'switch' || text === null) return [name, true];
      if (flag.goesWith !== undefined && !texts.has(flag.goesWith)) {
        throw usage(`--${name} goes with --${flag.goesWith}`, command.name);
      }
      const read = readValue(name, flag, text);
      if ('wrong' in read) throw usage(read.wrong, command.name);
      return [name, read.value];
    }),
  );
}

/** The text of a flag's value; null for a flag that takes none. */
function textOf(command: Command, { name, word, value, inlineValue }: Given): string | null {
  const long = word.startsWith('--');
  const flag = long && Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
  if (flag === undefined) {
    const [bare = ''] = word.split('=', 1);
    const known = [...Object.keys(command.flags), 'help', 'version'].map((one) => `--${one}`);
    throw usage(`${command.name} has no ${plain(bare)}${perhaps(bare, known)}`, command.name);
  }
  if (flag.kind === 'switch') {
    if (value !== undefined) throw usage(`--${name} takes no value`, command.name);
    return null;
  }
  const needs = `--${name} needs a value: ${written(name, flag)}`;
  if (value === undefined || value === '') throw usage(needs, command.name);
  // The next flag, rather than a value: whoever means it writes it with `=`.
  if (inlineValue !== true && /^-./.test(value)) {
    throw usage(`${needs}; one that begins with - is written --${name}=${flag.placeholder}`, command.name);
  }
  return value;
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const missing = operands.slice(given.length).find(({ required }) => required);
  if (missing !== undefined) throw usage(`${name} needs the ${missing.name} ${missing.says}`, name);
  const extra = given[operands.length];
  if (extra !== undefined) throw usage(`${name} takes no ${plain(extra)}`, name);
}
