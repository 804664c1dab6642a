import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

import { EngineError } from '../../src/core/errors.ts';
import { CommandError, run } from '../../src/engine/command.ts';
import { attempt, codeOf } from '../../src/engine/failure.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

const NEVER = new AbortController().signal;

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: what the system says`), { code });
}

it.each([
  { title: 'no space', error: systemError('ENOSPC'), code: 'host-full' },
  { title: 'a quota', error: systemError('EDQUOT'), code: 'host-full' },
  { title: 'no descriptors', error: systemError('EMFILE'), code: 'host-full' },
  { title: 'something in the way', error: systemError('EEXIST'), code: 'failed' },
  { title: 'any other error of the system', error: systemError('EACCES'), code: 'failed' },
  { title: 'what is no error of the system', error: new Error('odd'), code: 'failed' },
  { title: 'what is no error at all', error: 'odd', code: 'failed' },
  { title: 'an engine error keeps its code', error: new EngineError('foreign', 'x'), code: 'foreign' },
])('$title is $code', ({ error, code }) => {
  expect(codeOf(error)).toBe(code);
});

it('a program that says that the disk is full means the host', async () => {
  const argv = ['/bin/sh', '-c', 'echo "cp: writing x: No space left on device" >&2; exit 1'] as const;
  const error: unknown = await run(argv, { signal: NEVER, deadlineMs: 60_000 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CommandError);
  expect(codeOf(error)).toBe('host-full');
});

it('a program that is killed on its deadline has timed out', async () => {
  const error: unknown = await run(['/bin/sleep', '600'], { signal: NEVER, deadlineMs: 1 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(codeOf(error)).toBe('timed-out');
});

it('a failure says what was tried, and keeps its cause', async () => {
  const directory = await makeTempDirectory();
  const error: unknown = await attempt('j1 could not be created', () => mkdirSync(directory)).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({ code: 'failed', cause: { code: 'EEXIST' } });
  expect(String(error)).toMatch(/^EngineError: j1 could not be created: EEXIST/);
});

it('what succeeds is passed on', async () => {
  expect(await attempt('x', () => readFile('/dev/null', 'utf8'))).toBe('');
});
