import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { observeUntil } from '../../contract/engine.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';
import { instanceOf, lives, NEVER, textOf } from './support.ts';

describe('the end of an instance of the process engine', () => {
  it.each([
    ['keeps the session but not the environment', 'env -i sleep 600 & echo $! > pid; wait'],
    ['keeps the environment but not the session', 'setsid sleep 600 & echo $! > pid; wait'],
    [
      'is in a session that one of them leads, without the environment',
      'setsid sh -c "env -i sleep 600 & echo \\$! > pid; wait" & wait',
    ],
    ['ignores what asks it to end', '(trap "" TERM HUP INT; sleep 600) & echo $! > pid; wait'],
  ])('takes a process along that %s', async (_what, command) => {
    const { engine, paths } = await instanceOf(command);
    const pid = Number(await textOf(join(paths.work, 'pid')));
    expect(lives(pid)).toBe(true);
    await engine.destroy('j1', { clean: true }, NEVER);
    expect(lives(pid)).toBe(false);
  });

  it.each(['env -i sleep 600 & echo $! > pid', 'setsid sleep 600 & echo $! > pid'])(
    'takes along what outlives its command: %s',
    async (command) => {
      const { engine, open, paths } = await instanceOf(command);
      const pid = Number(await textOf(join(paths.work, 'pid')));
      await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
      expect(lives(pid)).toBe(true);
      await open().destroy('j1', { clean: false }, NEVER);
      expect(lives(pid)).toBe(false);
    },
  );

  it('outruns processes that make others without end', async () => {
    const { engine, paths } = await instanceOf(
      'spread() { echo x > ready; while :; do (sleep 0.3; exit) & sleep 0.01; done; }; spread & spread & wait',
    );
    await textOf(join(paths.work, 'ready'));
    await engine.destroy('j1', { clean: false }, NEVER);
    expect((await engine.observe(['j1'], NEVER)).containers).toEqual([]);
  });

  it('asks first when it is to be clean, and lets the command finish', async () => {
    const evidence = join(await makeTempDirectory(), 'evidence');
    const { engine, paths } = await instanceOf(
      `trap 'sleep 0.1; echo asked > ${evidence}; exit' TERM; echo x > ready; while :; do sleep 0.02; done`,
    );
    await textOf(join(paths.work, 'ready'));
    await engine.destroy('j1', { clean: true }, NEVER);
    expect(await readFile(evidence, 'utf8')).toBe('asked\n');
  });

  it('kills one that does not go when asked, after its time', async () => {
    const { engine, paths } = await instanceOf('trap "" TERM; echo $$ > pid; while :; do sleep 0.02; done', {
      graceMs: 100,
    });
    const pid = Number(await textOf(join(paths.work, 'pid')));
    await engine.destroy('j1', { clean: true }, NEVER);
    expect(lives(pid)).toBe(false);
  });

  it('gives up with its caller and leaves the rest to the next call', async () => {
    const { engine, paths } = await instanceOf('trap "" TERM; echo $$ > pid; while :; do sleep 0.02; done');
    const pid = Number(await textOf(join(paths.work, 'pid')));
    const caller = new AbortController();
    const destroying = engine.destroy('j1', { clean: true }, caller.signal);
    caller.abort();
    await expect(destroying).rejects.toThrow('j1 could not be destroyed');
    expect(lives(pid)).toBe(true);
    await engine.destroy('j1', { clean: false }, NEVER);
    expect(lives(pid)).toBe(false);
  });
});
