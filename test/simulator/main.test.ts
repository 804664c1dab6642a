import { expect, it } from 'vitest';

import { nodeProgram, SIMULATOR } from '../support/program.ts';
import { until } from '../support/wait.ts';

it('runs alone: says where it listens, serves, and ends on SIGTERM', async () => {
  const options = ['--token', 'secret-1', '--repo', 'a/b', '--repo', 'a/c'];
  await using program = nodeProgram([SIMULATOR, ...options]);
  const line = await until('it to say where it listens', () => /^.*\n/.exec(program.stdout)?.[0]);
  const { url } = JSON.parse(line) as { url: string };
  const headers = { authorization: 'Bearer secret-1', 'user-agent': 'test' };
  expect((await fetch(`${url}/api/v3/repos/a/c/actions/runs`, { headers })).status).toBe(200);
  expect((await fetch(`${url}/repos/o/r`, { headers })).status).toBe(404);
  program.signal('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
});

it.each([
  [['--port', 'x'], '--port x is no port'],
  [['--nonsense'], '--nonsense'],
])('refuses %j with 2', async (options, words) => {
  await using program = nodeProgram([SIMULATOR, ...options]);
  const { code, signal, stderr } = await program.ended;
  expect({ code, signal }).toEqual({ code: 2, signal: null });
  expect(stderr).toContain(words);
  expect(stderr).toContain('usage: ');
});
