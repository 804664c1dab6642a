import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { lastWords } from '../../../src/engine/process/last-words.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';

async function said(text: string): Promise<string> {
  const path = join(await makeTempDirectory(), 'output.log');
  await writeFile(path, text);
  return lastWords(path);
}

describe('what a command said last', () => {
  it.each([
    { title: 'is its last line', text: 'no such file\n', is: 'no such file' },
    { title: 'with or without an end', text: 'no such file', is: 'no such file' },
    { title: 'is three lines at most', text: 'a\nb\nc\nd\n', is: 'b / c / d' },
    { title: 'knows no empty ones', text: 'a\n\n  \nb\n\n', is: 'a / b' },
    { title: 'has no colours', text: '\u001B[31mred\u001B[0m\n', is: 'red' },
    { title: 'has no control characters', text: 'a\u0007b\u202Ec\n', is: 'a b c' },
    { title: 'is nothing when it said nothing', text: '', is: '' },
    {
      title: 'tells nobody a credential',
      text: 'config eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9/abc== is bad\n',
      is: 'config …/abc== is bad',
    },
    { title: 'is found at the end of much', text: `${'much\n'.repeat(5_000)}end\n`, is: 'much / much / end' },
  ])('$title', async ({ text, is }) => {
    expect(await said(text)).toBe(is);
  });

  it('is bounded, and its end is told', async () => {
    const told = await said(`${'word '.repeat(20)}end\n`.repeat(3));
    expect(told).toMatch(/^….*word end$/u);
    expect(told).toHaveLength(200);
  });

  it('is nothing when a link stands in its place, or nothing at all', async () => {
    const directory = await makeTempDirectory();
    await writeFile(join(directory, 'secret'), 'secret\n');
    await symlink(join(directory, 'secret'), join(directory, 'output.log'));
    expect(lastWords(join(directory, 'output.log'))).toBe('');
    expect(lastWords(join(directory, 'absent'))).toBe('');
    expect(lastWords(directory)).toBe('');
  });
});
