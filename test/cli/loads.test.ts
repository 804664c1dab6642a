import { realpathSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { BUILT } from '../support/program.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

const DIST = `${pathToFileURL(dirname(realpathSync(BUILT))).href}/`;

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** Where V8 writes, when the program ends, which scripts it had loaded. */
async function trace(stage: Stage): Promise<{ NODE_V8_COVERAGE: string }> {
  const directory = join(stage.dir, 'loaded');
  await mkdir(directory);
  return { NODE_V8_COVERAGE: directory };
}

/** The program's own files that were loaded, below `dist`. */
async function loaded(stage: Stage): Promise<readonly string[]> {
  const directory = join(stage.dir, 'loaded');
  const names = await readdir(directory);
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts
    .flatMap((text) => (JSON.parse(text) as Coverage).result)
    .flatMap(({ url }) => (url.startsWith(DIST) ? [url.slice(DIST.length)] : []))
    .sort();
}

async function loadedBy(stage: Stage, args: readonly string[]): Promise<readonly string[]> {
  const ended = await stage.command(args, await trace(stage));
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return loaded(stage);
}

function simulatorIn(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path.startsWith('simulator/'));
}

describe('what a command loads', SLOW, () => {
  it.concurrent.each(['--version', '--help', 'run --help'])(
    '%s: the command line and nothing behind it',
    async (args) => {
      await using stage = await openStage({ main: BUILT });
      expect(await loadedBy(stage, args.split(' '))).toEqual([
        'app.js',
        'app/start-failure.js',
        'app/version.js',
        'cli/command.js',
        'cli/commands.js',
        'cli/flag.js',
        'cli/index.js',
        'cli/io.js',
        'cli/lookup.js',
        'cli/parse.js',
        'cli/usage-error.js',
        'cli/usage.js',
        'config/nearest.js',
        'config/problem.js',
        'core/ports.js',
        'main.js',
      ]);
    },
  );

  it.concurrent('check-config: the configuration and the core that it stands on', async () => {
    await using stage = await openStage({ main: BUILT });
    const folders = (await loadedBy(stage, ['check-config'])).map((path) => path.split('/')[0]);
    expect(new Set(folders)).toEqual(new Set(['main.js', 'app.js', 'app', 'cli', 'config', 'core']));
  });

  it.concurrent('run: the whole controller, and no file of the simulator', async () => {
    await using stage = await openStage({ main: BUILT });
    await using controller = await startController(stage, await trace(stage));
    expect(await controller.end('SIGTERM')).toMatchObject({ code: 0 });
    const paths = await loaded(stage);
    expect(paths).toContain('app/controller.js');
    expect(simulatorIn(paths)).toEqual([]);
    expect(paths.filter((path) => path.startsWith('cli/terminal/'))).toEqual([]);
  });

  it.concurrent('demo: the simulator', async () => {
    await using stage = await openStage({ main: BUILT });
    await using demo = stage.spawn(['demo'], await trace(stage));
    await until('it to begin', () => demo.stdout.includes('a simulated GitHub answers'));
    demo.signal('SIGINT');
    await demo.ended;
    expect(simulatorIn(await loaded(stage))).toContain('simulator/server.js');
  });
});
