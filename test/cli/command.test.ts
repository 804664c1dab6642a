import { describe, expect, it } from 'vitest';

import { command } from '../../src/cli/command.ts';
import type { Io } from '../../src/cli/io.ts';

const ABOUT = { name: 'toy', summary: 'does nothing', exits: {} };

// What is held here is held by the compiler: a line that should not compile is marked so.
describe('a record', () => {
  it('gives its function the values that its flags and operands say', () => {
    const record = command({
      ...ABOUT,
      operands: [
        { name: 'A', required: true, says: '' },
        { name: 'B', required: false, says: '' },
      ],
      flags: {
        loud: { kind: 'switch', says: '' },
        file: { kind: 'text', placeholder: 'FILE', says: '' },
        count: { kind: 'number', placeholder: 'N', says: '', unit: 'a whole number', least: 1, most: 2 },
        'how-many': {
          kind: 'number',
          placeholder: 'N',
          says: '',
          unit: 'a whole number',
          least: 1,
          most: 2,
          default: 1,
        },
        colour: { kind: 'choice', placeholder: 'C', says: '', choices: ['red', 'blue'], default: 'red' },
      },
      load:
        async () =>
        async (_io, flags, [a, b]) => {
          const typed: {
            loud: boolean;
            file: string | undefined;
            count: number | undefined;
            'how-many': number;
            colour: 'red' | 'blue';
          } = flags;
          const first: string = a;
          const second: string | undefined = b;
          return typed.loud && first === second ? 1 : 0;
        },
    });
    expect(record.name).toBe('toy');
  });

  it('takes no function that wants what the record does not give', () => {
    const absent = async (_io: Io, flags: { readonly json: boolean }) => Number(flags.json);
    const wrong = async (_io: Io, flags: { readonly config: string }) => flags.config.length;
    const operand = async (_io: Io, _flags: unknown, [name]: readonly [string]) => name.length;
    const config = { kind: 'text', placeholder: 'FILE', says: '' } as const;
    const records = [
      // @ts-expect-error: it has no --json
      command({ ...ABOUT, operands: [], flags: { config }, load: async () => absent }),
      // @ts-expect-error: --config may be missing
      command({ ...ABOUT, operands: [], flags: { config }, load: async () => wrong }),
      // @ts-expect-error: it takes no operand
      command({ ...ABOUT, operands: [], flags: { config }, load: async () => operand }),
    ];
    expect(records).toHaveLength(3);
  });
});
