import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { EngineError } from '../../../src/core/errors.ts';
import { CommandError, run } from '../../../src/engine/command.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';
import { lives, textOf } from './support.ts';

const ANY = { signal: new AbortController().signal, deadlineMs: 20_000 };

async function failure(
  argv: readonly [string, ...string[]],
  options: Parameters<typeof run>[1] = ANY,
): Promise<CommandError> {
  const error: unknown = await run(argv, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandError);
  expect(error).toBeInstanceOf(EngineError);
  return error as CommandError;
}

describe('run', () => {
  it('gives both streams, and takes arguments as they are', async () => {
    const output = await run(['sh', '-c', 'printf "%s|" "$@"; echo err >&2', 'sh', '$HOME', 'a b', '*'], ANY);
    expect(output).toEqual({ stdout: '$HOME|a b|*|', stderr: 'err' });
  });

  it('gives the command its directory, input and environment', async () => {
    const cwd = await makeTempDirectory();
    const output = await run(['sh', '-c', 'pwd; echo "$ADDED $LC_ALL"; cat'], {
      ...ANY,
      cwd,
      input: 'said',
      env: { ADDED: 'yes' },
    });
    expect(output.stdout).toBe(`${cwd}\nyes C.UTF-8\nsaid`);
  });

  it('keeps what systemd gave the controller alone from the command, unless it is given', async () => {
    for (const [name, value] of [
      ['NOTIFY_SOCKET', '/run/none'],
      ['WATCHDOG_PID', '1'],
      ['WATCHDOG_USEC', '9'],
    ] as const)
      vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const argv = [
      'sh',
      '-c',
      'echo "${NOTIFY_SOCKET-none} ${WATCHDOG_PID-none} ${WATCHDOG_USEC-none}"',
    ] as const;
    expect((await run(argv, ANY)).stdout).toBe('none none none');
    const given = await run(argv, { ...ANY, env: { NOTIFY_SOCKET: '/run/given' } });
    expect(given.stdout).toBe('/run/given none none');
  });

  it('leaves no listener on a signal that many commands share, and says nothing of how many they are', async () => {
    const { signal } = new AbortController();
    const warned: Error[] = [];
    const onWarning = (warning: Error): number => warned.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    await Promise.all(Array.from({ length: 15 }, () => run(['true'], { ...ANY, signal })));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warned).toEqual([]);
  });

  it('says first how it ended, then what was run, then what it said', async () => {
    const error = await failure(['sh', '-c', 'echo no such thing >&2; exit 4']);
    expect(error.message).toBe('Failed with status 4: sh -c echo no such thing >&2; exit 4\nno such thing');
    expect(error).toMatchObject({ exitCode: 4, stderr: 'no such thing', timedOut: false });
  });

  it('says that a program is not there', async () => {
    const error = await failure(['/no/such/program', 'x']);
    expect(error.message).toMatch(/^Could not be started \(.*ENOENT.*\): \/no\/such\/program x$/s);
    expect(error.exitCode).toBeNull();
  });

  it('says that it was killed', async () => {
    expect((await failure(['sh', '-c', 'kill -KILL $$'])).message).toMatch(/^Was killed by SIGKILL: /);
  });

  it('kills what writes without end', async () => {
    const error = await failure([
      'sh',
      '-c',
      'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done',
    ]);
    expect(error.message).toMatch(/^Wrote more than \d+ characters and was killed: /);
    expect(error.stdout.length).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('kills it and its children when the deadline has passed, also when they ignore the first request', async () => {
    const path = join(await makeTempDirectory(), 'pids');
    const script = `trap "" TERM; sh -c 'trap "" TERM; while :; do sleep 0.05; done' & echo "$$ $!" > ${path}; wait`;
    const error = await failure(['sh', '-c', script], { ...ANY, deadlineMs: 300 });
    expect(error.message).toMatch(/^Took longer than 0.3 s and was killed: sh -c trap/);
    expect(error.timedOut).toBe(true);
    const pids = (await textOf(path)).trim().split(' ').map(Number);
    await expect.poll(() => pids.map(lives)).toEqual([false, false]);
  });

  it('asks before it kills', async () => {
    const error = await failure(
      ['sh', '-c', 'trap "echo asked >&2; exit" TERM; while :; do sleep 0.02; done'],
      {
        ...ANY,
        deadlineMs: 500,
      },
    );
    // The shell may say itself that its sleep was terminated.
    expect(error.stderr).toMatch(/asked$/);
    expect(error.timedOut).toBe(true);
  });

  it('ends although a process that left the group holds its output open', async () => {
    const path = join(await makeTempDirectory(), 'pid');
    const error = await failure(['sh', '-c', `setsid sleep 20 & echo $! > ${path}; wait`], {
      ...ANY,
      deadlineMs: 200,
    });
    expect(error.timedOut).toBe(true);
    process.kill(Number(await textOf(path)), 'SIGKILL');
  });

  it('is called off by its signal, and never begins after it', async () => {
    const caller = new AbortController();
    const running = failure(['sleep', '600'], { ...ANY, signal: caller.signal });
    caller.abort();
    const error = await running;
    expect(error.message).toBe('Called off: sleep 600');
    expect(error.timedOut).toBe(false);
    await expect(run(['true'], { ...ANY, signal: caller.signal })).rejects.toBe(caller.signal.reason);
  });
});
