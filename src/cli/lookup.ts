import { shown } from '../config/problem.ts';
import type { Command } from './command.ts';
import { perhaps, usage } from './usage-error.ts';

/** What help is asked about: everything, a command, or all commands that share a first word. */
export function subjects(positionals: readonly string[], commands: readonly Command[]): readonly Command[] {
  const [first, second] = positionals;
  if (first === undefined || first === 'help') return [];
  const group = groupOf(first, commands);
  return second === undefined && group.length > 0 ? group : [commandOf(positionals, commands).command];
}

function groupOf(word: string, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

/**
 * The command that a line begins with, and what follows it; `run` if it begins with none.
 * @throws CommandFailure with exit code 2 that names the nearest
 */
export function commandOf(
  positionals: readonly string[],
  commands: readonly Command[],
): { readonly command: Command; readonly operands: readonly string[] } {
  const [first = 'run', second = ''] = positionals;
  for (const command of commands) {
    if (command.name === first) return { command, operands: positionals.slice(1) };
    if (command.name === `${first} ${second}`) return { command, operands: positionals.slice(2) };
  }
  const group = groupOf(first, commands).map(({ name }) => name);
  if (group.length > 0) {
    const seconds = group.map((name) => JSON.stringify(name.slice(first.length + 1)));
    const meant = second === '' ? '' : perhaps(`${first} ${second}`, group);
    throw usage(`${first} takes ${seconds.join(' or ')}${meant}`, first);
  }
  const known = commands.flatMap(({ name }) => [name, name.split(' ', 1)[0] ?? name]);
  throw usage(`no command is named ${shown(first)}${perhaps(first, [...known, 'help'])}`);
}
