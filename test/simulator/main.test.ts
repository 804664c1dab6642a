import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../src/simulator/main.ts', import.meta.url));

it('runs alone: says where it listens, serves, and ends on SIGTERM', async () => {
  const options = ['--token', 'secret-1', '--repo', 'a/b', '--repo', 'a/c'];
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const headers = { authorization: 'Bearer secret-1', 'user-agent': 'test' };
    expect((await fetch(`${url}/api/v3/repos/a/c/actions/runs`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/repos/o/r`, { headers })).status).toBe(404);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

it.each([
  [['--port', 'x'], '--port x is no port'],
  [['--nonsense'], '--nonsense'],
])('refuses %j with 2', async (options, words) => {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(said).toContain(words);
  expect(said).toContain('usage: ');
});
