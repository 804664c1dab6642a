import { describe, expect, it } from 'vitest';

import { COMMANDS } from '../../src/cli/commands.ts';
import { overview, pageOf } from '../../src/cli/usage.ts';

const FLAGS = COMMANDS.flatMap(({ name, flags }) =>
  Object.entries(flags).map(([flagName, flag]) => ({ command: name, flags, name: flagName, flag })),
);

describe('the records of commands', () => {
  it('have names of their own', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(COMMANDS)('$name loads a function', async ({ load }) => {
    expect(await load()).toBeInstanceOf(Function);
  });

  it('agree on which flags take a value, so that one may stand before its command', () => {
    const valued = new Set(FLAGS.filter(({ flag }) => flag.kind !== 'switch').map(({ name }) => name));
    expect(FLAGS.filter(({ name, flag }) => flag.kind === 'switch' && valued.has(name))).toEqual([]);
  });

  it('have the flags that other flags go with', () => {
    const wanting = FLAGS.filter(
      ({ flags, flag }) =>
        flag.kind !== 'switch' && flag.goesWith !== undefined && !Object.hasOwn(flags, flag.goesWith),
    );
    expect(wanting).toEqual([]);
  });

  it('make no line that is wider than 80 columns', () => {
    const lines = [overview(COMMANDS), ...COMMANDS.map(pageOf)].flatMap((page) => page.split('\n'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});
