import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../../src/clock.ts';
import { instancePaths } from '../../../src/engine/process/paths.ts';
import { readStat } from '../../../src/engine/process/proc.ts';
import { observeUntil, orderFor } from '../../contract/engine.ts';
import { makeProcessHost } from '../../contract/process-host.ts';
import { HOUR, MINUTE, NOW, WALL } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { nodeProgram, Program, programPath } from '../../support/program.ts';
import { until } from '../../support/wait.ts';
import { instanceOf, lives, NEVER, textOf } from './support.ts';

async function changeRecord(
  path: string,
  change: (record: Record<string, unknown>) => unknown,
): Promise<void> {
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
}

describe('process engine after a restart', () => {
  it('finds again what a killed controller started, and learns its exit status', async () => {
    const { open, options } = await makeProcessHost();
    const paths = instancePaths(options.stateDir, options.runtimeDir, 'j1');
    const command = 'echo $$ > pid; until [ -e go ]; do sleep 0.02; done; exit 5';
    const controller = nodeProgram(
      [programPath('start-and-wait.ts'), options.stateDir, options.runtimeDir, command],
      { PATH: process.env['PATH'] ?? '' },
    );
    onTestFinished(() => open().destroy('j1', { clean: false }, NEVER));
    onTestFinished(() => controller[Symbol.asyncDispose]());
    await until('it to be started', () => controller.stdout === 'started\n');
    const pid = Number(await textOf(`${paths.work}/pid`));
    controller.signal('SIGKILL');
    await controller.ended;
    expect(lives(pid)).toBe(true);
    const engine = open();
    const { containers } = await engine.observe([], NEVER);
    expect(containers).toMatchObject([{ name: 'j1', state: 'running' }]);
    await writeFile(`${paths.work}/go`, '');
    const ended = await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
    expect(ended?.exit?.code).toBe(5);
    await engine.destroy('j1', { clean: false }, NEVER);
    expect((await engine.observe([], NEVER)).namesInUse).toEqual([]);
  });

  it('finds one whose controller died before it wrote down which process it is', async () => {
    const { open, paths } = await instanceOf('echo $$ > pid; sleep 600');
    const pid = Number(await textOf(`${paths.work}/pid`));
    await changeRecord(paths.record, (record) => ({ ...record, process: null }));
    const engine = open();
    expect((await engine.observe([], NEVER)).containers).toMatchObject([{ name: 'j1', state: 'running' }]);
    await engine.destroy('j1', { clean: true }, NEVER);
    expect(lives(pid)).toBe(false);
  });

  it('takes one for over whose controller died before there was a process', async () => {
    const { open, paths } = await instanceOf(null);
    const startedAt = { boot: systemClock.boot, monotonic: 1, wall: 1 };
    await changeRecord(paths.record, (record) => ({ ...record, startedAt }));
    const engine = open();
    expect((await engine.observe([], NEVER)).containers).toMatchObject([
      { name: 'j1', state: 'ended', startedAt: 1, exit: { code: null } },
    ]);
    await engine.destroy('j1', { clean: false }, NEVER);
  });

  it('knows when it was started, though the wall clock was set meanwhile', async () => {
    const clock = new TestClock();
    const { open } = await instanceOf('sleep 600', { clock });
    const startedAt = clock.now();
    for (const skew of [3 * HOUR, -5 * HOUR]) {
      clock.advance(MINUTE);
      clock.skew = skew;
      expect((await open().observe([], NEVER)).containers).toMatchObject([{ state: 'running', startedAt }]);
    }
  });

  it('reads when it was started in a record of version 0.1.0, by the wall clock', async () => {
    const clock = new TestClock();
    const { open, paths } = await instanceOf('sleep 600', { clock });
    await changeRecord(paths.record, (record) => ({ ...record, startedAt: WALL - HOUR }));
    expect((await open().observe([], NEVER)).containers).toMatchObject([{ startedAt: NOW - HOUR }]);
  });

  it.each([
    ['a process that started at another time', (stat: object) => ({ ...stat, ticks: 1 })],
    ['a process of another boot', (stat: object) => ({ ...stat, bootId: 'another' })],
  ])('does not mistake %s for its own, and does not end it', async (_what, change) => {
    const { open, paths } = await instanceOf('exit 0');
    await textOf(paths.exit);
    // In a group of its own, as what the engine starts is.
    const stranger = new Program(['setsid', 'sleep', '600'], { PATH: process.env['PATH'] ?? '' });
    onTestFinished(() => stranger[Symbol.asyncDispose]());
    const { pid } = stranger;
    await until('it to lead a session', () => readStat(pid)?.session === pid);
    const ticks = readStat(pid)?.ticks ?? 0;
    await changeRecord(paths.record, (record) => ({
      ...record,
      process: change({ ...(record['process'] as object), pid, ticks }),
    }));
    const engine = open();
    expect((await engine.observe([], NEVER)).containers).toMatchObject([{ name: 'j1', state: 'ended' }]);
    await engine.destroy('j1', { clean: true }, NEVER);
    expect(lives(pid)).toBe(true);
  });

  it.each([
    ['is no JSON', (path: string) => writeFile(path, '{"version":1,')],
    ['is of another form', (path: string) => writeFile(path, '{"version":1}')],
    ['is gone', (path: string) => rm(path)],
    [
      'is a FIFO',
      async (path: string) => {
        await rm(path);
        execFileSync('mkfifo', [path]);
      },
    ],
  ])(
    'looks after a promised one whose record %s, and not after one that nobody promised',
    async (_what, spoil) => {
      const { open, paths } = await instanceOf('echo $$ > pid; sleep 600');
      const pid = Number(await textOf(`${paths.work}/pid`));
      await spoil(paths.record);
      const engine = open();
      expect(await engine.observe([], NEVER)).toMatchObject({ containers: [], namesInUse: ['j1'] });
      expect((await engine.observe(['j1'], NEVER)).containers).toMatchObject([
        { name: 'j1', state: 'running', mark: null },
      ]);
      await engine.destroy('j1', { clean: false }, NEVER);
      expect(lives(pid)).toBe(false);
      expect((await engine.observe([], NEVER)).namesInUse).toEqual([]);
    },
  );

  it('goes on seeing one whose directory somebody removed, and lets nobody have its name', async () => {
    const { engine, open, paths } = await instanceOf('echo $$ > pid; cd /; exec sleep 600');
    const pid = Number(await textOf(`${paths.work}/pid`));
    await engine.observe(['j1'], NEVER);
    await rm(paths.root, { recursive: true });
    expect((await engine.observe(['j1'], NEVER)).containers).toMatchObject([
      { name: 'j1', state: 'running' },
    ]);
    await expect(open().create(orderFor('j1'), NEVER)).rejects.toThrow(
      'processes of an earlier one still live',
    );
    await engine.destroy('j1', { clean: false }, NEVER);
    expect(lives(pid)).toBe(false);
    expect(await engine.observe(['j1'], NEVER)).toMatchObject({ containers: [], namesInUse: [] });
  });
});
