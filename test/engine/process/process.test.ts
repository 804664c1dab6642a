import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

import { EngineError } from '../../../src/core/errors.ts';
import { observeUntil, orderFor, registered } from '../../contract/engine.ts';
import { makeProcessHost, seal } from '../../contract/process-host.ts';
import { instanceOf, NEVER, textOf } from './support.ts';

/** What bash, where it is `/bin/sh`, adds for each command that it runs. */
const OF_THE_SHELL: ReadonlySet<string | undefined> = new Set(['_']);

async function environmentOf(environment: Record<string, string>): Promise<Record<string, string>> {
  const { paths } = await instanceOf('env > env.new && mv env.new env; pwd > cwd', { environment });
  expect(await textOf(join(paths.work, 'cwd'))).toBe(`${paths.work}\n`);
  const lines = (await readFile(join(paths.work, 'env'), 'utf8')).trimEnd().split('\n');
  const entries = lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)] as const);
  const found = Object.fromEntries(entries.filter(([name]) => !OF_THE_SHELL.has(name)));
  expect(found['HOME']).toBe(paths.work);
  expect(found['CREDENTIALS_DIRECTORY']).toBe(paths.credentials);
  expect(found['RUNNER_SIGNALS']).toBe(paths.signals);
  expect(found['RUNNER_NAME']).toMatch(/^host-j1-/);
  return found;
}

describe('process engine', () => {
  it('gives the command its environment and nothing else', async () => {
    const path = process.env['PATH'] ?? '';
    const found = await environmentOf({ PATH: path, LANG: 'de_DE.UTF-8', SECRET: 'x', SHLVL: '7' });
    expect(Object.keys(found).sort()).toEqual([
      'CREDENTIALS_DIRECTORY',
      'HOME',
      'LANG',
      'PATH',
      'RUNNER_NAME',
      'RUNNER_SIGNALS',
    ]);
    expect(found['PATH']).toBe(path);
    expect(found['LANG']).toBe('de_DE.UTF-8');
  });

  it('has a path and a language where the controller has none', async () => {
    const found = await environmentOf({});
    expect(found['PATH']).toBe('/usr/local/bin:/usr/bin:/bin');
    expect(found['LANG']).toBe('C.UTF-8');
  });

  it('keeps what the command prints', async () => {
    const { paths } = await instanceOf('echo out; echo err >&2');
    expect(await textOf(paths.output)).toBe('out\nerr\n');
  });

  it('hands the credential over in a file for its user only, gone once discarded', async () => {
    const { engine, paths } = await instanceOf(
      'cat "$CREDENTIALS_DIRECTORY/runner-registration"; echo; sleep 600',
    );
    expect(await textOf(paths.output)).toBe('secret\n');
    expect((await stat(paths.registration)).mode & 0o777).toBe(0o600);
    expect((await stat(paths.credentials)).mode & 0o777).toBe(0o700);
    await engine.discardCredential('j1');
    await engine.discardCredential('j1');
    expect(await readdir(paths.credentials)).toEqual([]);
  });

  it('removes the credential by itself when the command ends', async () => {
    const { engine, paths } = await instanceOf('until [ -e go ]; do sleep 0.02; done');
    expect(await readdir(paths.credentials)).toEqual(['runner-registration']);
    const ended = new Promise<void>((resolve) => {
      const watch = engine.watch(resolve);
      onTestFinished(() => watch[Symbol.dispose]());
    });
    await writeFile(join(paths.work, 'go'), '');
    await ended;
    await expect.poll(() => readdir(paths.credentials)).toEqual([]);
  });

  it('leaves neither directory nor credential', async () => {
    const { engine, paths, options } = await instanceOf('sleep 600');
    await engine.destroy('j1', { clean: false }, NEVER);
    expect(await readdir(join(options.stateDir, 'instances'))).toEqual([]);
    expect(await readdir(join(paths.credentials, '..'))).toEqual([]);
  });

  it('says of a command that does not exist what the shell says', async () => {
    const { engine } = await instanceOf('/no/such/runner');
    const ended = await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
    expect(ended?.exit?.code).toBe(127);
    expect(ended?.exit?.detail).toMatch(/^exit status 127: .*\/no\/such\/runner: not found$/u);
  });

  it('says of a command that was killed by what', async () => {
    const { engine } = await instanceOf('kill -KILL $$');
    const ended = await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
    expect(ended?.exit).toEqual({ code: null, detail: 'killed by SIGKILL: Killed' });
  });

  it('fails a start that cannot be, removes the credential, and does not try again', async () => {
    const { engine, paths } = await instanceOf(null);
    await rm(paths.work, { recursive: true });
    await expect(engine.start('j1', registered('j1', seal('secret')), NEVER)).rejects.toBeInstanceOf(
      EngineError,
    );
    await expect(stat(paths.credentials)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(engine.start('j1', registered('j1', seal('secret')), NEVER)).rejects.toThrow('ran before');
    const { containers } = await engine.observe(['j1'], NEVER);
    expect(containers[0]).toMatchObject({ name: 'j1', state: 'ended', exit: { code: null } });
  });

  it('makes a signals directory that anybody may write to, and reads and watches it', async () => {
    const { engine, paths } = await instanceOf('sleep 600');
    expect((await stat(paths.signals)).mode & 0o7777).toBe(0o1777);
    const noticed = new Promise<void>((resolve) => {
      const watch = engine.watch(resolve);
      onTestFinished(() => watch[Symbol.dispose]());
    });
    const signal = {
      run_id: '7',
      run_attempt: 2,
      job: 'build',
      repository: 'o/r',
      at: '2026-11-20T12:00:00Z',
    };
    await writeFile(join(paths.signals, 'started'), JSON.stringify(signal));
    await noticed;
    const { containers } = await engine.observe(['j1'], NEVER);
    expect(containers[0]?.started).toEqual({ runId: 7, runAttempt: 2, repository: 'o/r' });
    expect(containers[0]?.completed).toBeNull();
  });

  it('removes what the job made unwritable, and nothing that a link leads to', async () => {
    const { engine, options, paths } = await instanceOf(null);
    const outside = join(options.stateDir, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'keep'), 'x');
    await symlink(outside, join(paths.work, 'link'));
    await mkdir(join(paths.work, 'a', 'b'), { recursive: true });
    await writeFile(join(paths.work, 'a', 'b', 'file'), 'x');
    await chmod(join(paths.work, 'a', 'b'), 0o500);
    await chmod(join(paths.work, 'a'), 0o400);
    await engine.destroy('j1', { clean: false }, NEVER);
    await expect(stat(paths.root)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(outside)).toEqual(['keep']);
  });

  it('never shows one as ended that is only being made, started or removed', async () => {
    const { open, options } = await makeProcessHost({ command: 'sleep 600' });
    const engine = open();
    const seen: string[] = [];
    const over = new AbortController();
    const looking = (async () => {
      while (!over.signal.aborted) {
        const { containers } = await engine.observe(['j1'], NEVER);
        const state = containers[0]?.state ?? 'absent';
        if (seen.at(-1) !== state) seen.push(state);
        await setImmediate();
      }
    })();
    await engine.create(orderFor('j1'), NEVER);
    await engine.start('j1', registered('j1', seal('secret')), NEVER);
    await expect.poll(() => seen.at(-1)).toBe('running');
    await engine.destroy('j1', { clean: false }, NEVER);
    await expect.poll(() => seen.at(-1)).toBe('absent');
    over.abort();
    await looking;
    expect(seen.filter((state) => state !== 'ended')).toEqual(['absent', 'created', 'running', 'absent']);
    // Ended only between its kill and its removal, which is true.
    expect(seen.slice(0, 3)).toEqual(['absent', 'created', 'running']);
    expect(await readdir(join(options.stateDir, 'instances'))).toEqual([]);
  });

  it('takes no name that leads out of its directory', async () => {
    const { engine } = await instanceOf(null);
    for (const name of ['', '.', '..', '../state', 'a/b', '.hidden']) {
      await expect(engine.create(orderFor(name), NEVER)).rejects.toBeInstanceOf(EngineError);
      await expect(engine.destroy(name, { clean: false }, NEVER)).rejects.toBeInstanceOf(EngineError);
    }
  });

  it('fails to observe where the instances cannot be listed, and sees none where none was ever made', async () => {
    const { open, options } = await makeProcessHost();
    expect((await open().observe([], NEVER)).containers).toEqual([]);
    await writeFile(join(options.stateDir, 'instances'), 'a file');
    await expect(open().observe([], NEVER)).rejects.toBeInstanceOf(EngineError);
    const findings = await open().doctor(NEVER);
    expect(findings.find(({ check }) => check === 'instances')).toMatchObject({ level: 'fail' });
  });

  it('warns in doctor of what it is, and names what it leaves alone', async () => {
    const { engine, options } = await instanceOf(null);
    const others = join(options.stateDir, 'instances', 'not-ours');
    await mkdir(others);
    const findings = await engine.doctor(NEVER);
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
    expect(findings.find(({ check }) => check === 'isolation')).toMatchObject({ level: 'warn' });
    const left = findings.filter(({ check }) => check === 'instances');
    expect(left).toHaveLength(1);
    expect(left[0]?.detail).toContain(others);
    expect((await engine.observe([], NEVER)).namesInUse.toSorted()).toEqual(['j1', 'not-ours']);
  });
});
