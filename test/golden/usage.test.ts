import { describe, expect, it } from 'vitest';

import type { CommandName } from '../../src/cli/usage.ts';
import { USAGE } from '../../src/cli/usage.ts';
import { runMain } from '../support/cli.ts';

const COMMANDS = Object.keys(USAGE) as CommandName[];

describe('usage texts', () => {
  it('the overview', async () => {
    const { code, stdout, stderr } = await runMain(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('usage/overview.txt');
  });

  it.each(COMMANDS)('%s --help', async (name) => {
    const { code, stdout, stderr } = await runMain([...name.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`usage/${name.replace(' ', '-')}.txt`);
  });
});
