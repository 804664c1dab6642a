import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { EngineError } from '../../src/core/errors.ts';
import { makeSignalsDirectory, readSignals, watchSignals } from '../../src/engine/signals.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

const WRITTEN = { run_id: 41, run_attempt: 1, job: 'build', repository: 'o/r', at: '2026-11-20T12:00:00Z' };
const GOOD = JSON.stringify(WRITTEN);
const READ = { runId: 41, runAttempt: 1, repository: 'o/r' };
const NOTHING = { started: null, completed: null };

async function signalsDirectory(): Promise<string> {
  const path = join(await makeTempDirectory(), 'signals');
  makeSignalsDirectory(path);
  return path;
}

describe('makeSignalsDirectory', () => {
  it('gives mode 1777 whatever the umask', async () => {
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const path = await signalsDirectory();
    expect((await stat(path)).mode & 0o7777).toBe(0o1777);
  });

  it('refuses what is there already, a link above all', async () => {
    const root = await makeTempDirectory();
    await symlink('/', join(root, 'signals'));
    const before = (await stat('/')).mode;
    expect(() => makeSignalsDirectory(join(root, 'signals'))).toThrow(EngineError);
    expect((await stat('/')).mode).toBe(before);
  });
});

describe('readSignals', () => {
  it('reads nothing where nothing was written', async () => {
    expect(readSignals(await signalsDirectory())).toEqual(NOTHING);
  });

  it('reads each file, numbers as such or as a shell writes them', async () => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), GOOD);
    await writeFile(join(path, 'completed'), JSON.stringify({ ...WRITTEN, run_id: '41', run_attempt: '1' }));
    expect(readSignals(path)).toEqual({ started: READ, completed: READ });
  });

  it.each([
    ['a time with an offset', { at: '2026-11-20T13:00:00.123+01:00' }],
    ['a key that it does not know', { more: { deep: [1] } }],
  ])('reads one with %s', async (_what, more) => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), JSON.stringify({ ...WRITTEN, ...more }));
    expect(readSignals(path).started).toEqual(READ);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['half a file', GOOD.slice(0, 40)],
    ['no JSON', 'started!'],
    ['binary', '\0\u{1}\u{2}\u{ffff}'],
    ['null', 'null'],
    ['a list', `[${GOOD}]`],
    ['a missing key', JSON.stringify({ ...WRITTEN, repository: undefined })],
    ['a negative run', JSON.stringify({ ...WRITTEN, run_id: -1 })],
    ['a fraction', JSON.stringify({ ...WRITTEN, run_attempt: 1.5 })],
    ['a number with an exponent', JSON.stringify({ ...WRITTEN, run_id: '1e3' })],
    ['a number too large to be exact', JSON.stringify({ ...WRITTEN, run_id: '99999999999999999' })],
    ['an object for a number', JSON.stringify({ ...WRITTEN, run_id: { valueOf: 1 } })],
    ['no repository', JSON.stringify({ ...WRITTEN, repository: '../../etc' })],
    ['control characters', JSON.stringify({ ...WRITTEN, repository: 'o/r\u{1b}[2J' })],
    ['a time that is none', JSON.stringify({ ...WRITTEN, at: 'now' })],
    ['a prototype', '{"__proto__":{"run_id":1,"run_attempt":1,"job":"b","repository":"o/r","at":"x"}}'],
    ['one byte more than 4 KiB', GOOD + ' '.repeat(4097 - GOOD.length)],
    ['deep nesting', `${'['.repeat(2000)}${']'.repeat(2000)}`],
  ])('does not believe %s, and reads again when it is put right', async (_what, content) => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), content);
    expect(readSignals(path)).toEqual(NOTHING);
    await writeFile(join(path, 'started'), GOOD);
    expect(readSignals(path).started).toEqual(READ);
  });

  it('reads one of exactly 4 KiB', async () => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), GOOD + ' '.repeat(4096 - GOOD.length));
    expect(readSignals(path).started).toEqual(READ);
  });

  it.each<[string, (file: string, elsewhere: string) => Promise<unknown> | void]>([
    ['a link to a good one', (file, elsewhere) => symlink(elsewhere, file)],
    ['a link to itself', (file) => symlink(file, file)],
    ['a dangling link', (file) => symlink('/nowhere', file)],
    ['a directory', (file) => mkdir(file)],
    ['a FIFO that nobody writes to', (file) => void execFileSync('mkfifo', [file])],
    [
      'a file of 10 MB',
      async (file) => {
        await writeFile(file, GOOD);
        await truncate(file, 10_000_000);
      },
    ],
    [
      'a socket',
      async (file) => {
        const server = createServer().listen(file);
        onTestFinished(() => void server.close());
        await once(server, 'listening');
      },
    ],
    ['a link to a device', (file) => symlink('/dev/zero', file)],
    ['a link to a terminal', (file) => symlink('/dev/tty', file)],
  ])('survives %s', async (_what, put) => {
    const path = await signalsDirectory();
    const elsewhere = join(path, '..', 'good');
    await writeFile(elsewhere, GOOD);
    await put(join(path, 'started'), elsewhere);
    await writeFile(join(path, 'completed'), GOOD);
    expect(readSignals(path)).toEqual({ started: null, completed: READ });
  });

  it.skipIf(process.getuid?.() !== 0)('survives a device (needs root)', async () => {
    const path = await signalsDirectory();
    execFileSync('mknod', [join(path, 'started'), 'c', '1', '5']);
    expect(readSignals(path)).toEqual(NOTHING);
  });

  it.skipIf(process.getuid?.() === 0)('survives what it may not read (not as root)', async () => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), GOOD, { mode: 0 });
    await writeFile(join(path, 'completed'), GOOD);
    expect(readSignals(path)).toEqual({ started: null, completed: READ });
    await chmod(path, 0);
    expect(readSignals(path)).toEqual(NOTHING);
    // So that it can be removed.
    await chmod(path, 0o700);
  });

  it.each<[string, (path: string) => Promise<unknown> | void]>([
    ['is gone', () => undefined],
    ['is a link to another one', (path) => symlink(`${path}-moved`, path)],
    ['is a file', (path) => writeFile(path, GOOD)],
    ['is a FIFO', (path) => void execFileSync('mkfifo', [path])],
  ])('survives that the directory itself %s', async (_what, put) => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), GOOD);
    await rename(path, `${path}-moved`);
    await put(path);
    expect(readSignals(path)).toEqual(NOTHING);
  });

  it('finds its two files among thousands, whatever their dates', async () => {
    const path = await signalsDirectory();
    await Promise.all(Array.from({ length: 3000 }, (_, n) => writeFile(join(path, `started.${n}`), 'x')));
    await writeFile(join(path, 'started'), GOOD);
    await utimes(join(path, 'started'), 0, 0);
    expect(readSignals(path)).toEqual({ started: READ, completed: null });
  });

  it('leaves no descriptor open', async () => {
    const path = await signalsDirectory();
    await writeFile(join(path, 'started'), 'x');
    await symlink('/dev/zero', join(path, 'completed'));
    const open = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
    const before = await open();
    for (let n = 0; n < 2000; n += 1) readSignals(path);
    expect(await open()).toBeLessThan(before + 50);
  });
});

describe('watchSignals', () => {
  it('calls back when a signal is renamed into place, and not for other files', async () => {
    const path = await signalsDirectory();
    const seen: string[] = [];
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => (tell = resolve));
    using _watch = watchSignals(path, () => {
      seen.push('change');
      tell();
    });
    for (let n = 0; n < 100; n += 1) await writeFile(join(path, `noise-${n}`), 'x');
    await writeFile(join(path, 'started.new'), GOOD);
    expect(seen).toEqual([]);
    await rename(join(path, 'started.new'), join(path, 'started'));
    await told;
    expect(readSignals(path).started).toEqual(READ);
  });

  it('calls back seldom when a job writes without end, and still for its last word', async () => {
    const path = await signalsDirectory();
    let calls = 0;
    using _watch = watchSignals(path, () => (calls += 1));
    const began = performance.now();
    for (let n = 0; n < 2000; n += 1) await writeFile(join(path, 'started'), `${n}`);
    await rm(join(path, 'started'));
    const most = (performance.now() - began) / 50 + 2;
    expect(calls).toBeLessThanOrEqual(most);
    expect(calls).toBeGreaterThan(0);
    const before = calls;
    await writeFile(join(path, 'completed'), GOOD);
    await expect.poll(() => calls).toBeGreaterThan(before);
  });

  it('survives that its directory was never there, or vanishes, and can be disposed twice', async () => {
    const path = await signalsDirectory();
    const absent = watchSignals(`${path}-never`, () => undefined);
    absent[Symbol.dispose]();
    const watch = watchSignals(path, () => undefined);
    await rm(path, { recursive: true });
    await mkdir(path);
    watch[Symbol.dispose]();
    watch[Symbol.dispose]();
    expect(readSignals(path)).toEqual(NOTHING);
  });
});
