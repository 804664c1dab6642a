import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TokenFile, TokenFileError } from '../../src/config/secrets.ts';
import { Secret } from '../../src/core/secret.ts';

describe('Secret', () => {
  it('shows itself to nobody but reveal', () => {
    const secret = new Secret('ghp_hidden');
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      inspect(new Error('x', { cause: secret })),
      JSON.stringify(Object.entries(secret)),
    ].join(' ');
    expect(shown).not.toContain('ghp_hidden');
    expect(String(secret)).toBe('[redacted]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(secret.reveal()).toBe('ghp_hidden');
  });
});

describe('TokenFile', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rc-token-'));
    path = join(dir, 'token');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  function read(file: TokenFile): [token: string, generation: number, problem: string | null] {
    const { token, generation, problem } = file.read();
    return [token.reveal(), generation, problem];
  }

  it('trims, and starts a generation with each different token only', () => {
    writeFileSync(path, ' ghp_one \n');
    const file = new TokenFile(path);
    expect(read(file)).toEqual(['ghp_one', 1, null]);
    writeFileSync(path, 'ghp_one');
    expect(read(file)).toEqual(['ghp_one', 1, null]);
    writeFileSync(path, 'ghp_two\n');
    expect(read(file)).toEqual(['ghp_two', 2, null]);
    writeFileSync(join(dir, 'next'), 'ghp_three\n');
    renameSync(join(dir, 'next'), path);
    expect(read(file)).toEqual(['ghp_three', 3, null]);
  });

  it('notices a token of the same length written within one tick of the clock', () => {
    writeFileSync(path, 'ghp_one');
    const file = new TokenFile(path);
    file.read();
    const { atime, mtime } = statSync(path);
    writeFileSync(path, 'ghp_two');
    utimesSync(path, atime, mtime);
    expect(read(file)).toEqual(['ghp_two', 2, null]);
  });

  it.each([
    ['gone', (path: string) => rmSync(path), 'it does not exist'],
    ['empty', (path: string) => writeFileSync(path, '\n'), 'it is empty'],
    ['two lines', (path: string) => writeFileSync(path, 'ghp_a\nghp_b'), 'it has more than one line'],
  ])('goes on with the last good token when the file is %s, and says so', (_, spoil, why) => {
    writeFileSync(path, 'ghp_one');
    const file = new TokenFile(path);
    file.read();
    spoil(path);
    const problem = `the token file ${path} cannot be used: ${why}; going on with the token read before`;
    expect(read(file)).toEqual(['ghp_one', 1, problem]);
    writeFileSync(path, 'ghp_one');
    expect(read(file)).toEqual(['ghp_one', 1, null]);
    writeFileSync(path, 'ghp_two');
    expect(read(file)).toEqual(['ghp_two', 2, null]);
  });

  it('fails while there has never been one', () => {
    const file = new TokenFile(path);
    expect(() => file.read()).toThrow(TokenFileError);
    expect(() => file.read()).toThrow(
      `the token file ${path} cannot be used: it does not exist; write a GitHub token into it`,
    );
    writeFileSync(path, 'ghp_one');
    expect(read(file)).toEqual(['ghp_one', 1, null]);
  });

  it('does not wait for a writer when a FIFO stands in its place', () => {
    execFileSync('mkfifo', [path]);
    expect(() => new TokenFile(path).read()).toThrow('it is not a regular file');
  });
});
