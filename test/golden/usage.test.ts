import { describe, expect, it } from 'vitest';

import { COMMANDS } from '../../src/cli/commands.ts';
import { runMain } from '../support/cli.ts';

describe('usage texts', () => {
  it('the overview', async () => {
    const { code, stdout, stderr } = await runMain(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('usage/overview.txt');
  });

  it.each(COMMANDS)('$name --help', async ({ name }) => {
    const { code, stdout, stderr } = await runMain([...name.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`usage/${name.replace(' ', '-')}.txt`);
  });
});
