import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import type { Stage } from '../support/stage.ts';
import { openStage, TOKEN } from '../support/stage.ts';
import { TempDirectory } from '../support/tmp.ts';
import { SLOW } from '../support/wait.ts';

/** A ledger that this version must not touch, and what is said of it. */
const LEDGERS = [
  ['corrupt', '{"version":1,"gener', /state\.json/],
  ['of another shape', '{"version":1,"generation":1,"instances":7}', /state\.json/],
  ['empty', '', /state\.json/],
  ['newer', '{"version":99,"generation":1}', /newer|version 99/],
] as const;

async function withLedger(stage: Stage, text: string): Promise<string> {
  await using first = await startController(stage);
  await first.end('SIGTERM');
  return await stage.writeFile('state/state.json', text);
}

describe('what keeps run from starting', SLOW, () => {
  it.concurrent('a state directory that is held: exit 4, for as long as the holder lives', async () => {
    await using stage = await openStage();
    await using other = await openStage({ env: { STATE_DIR: stage.stateDir } });
    await using first = await startController(stage);
    const refused = await other.command(['run']);
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain(stage.stateDir);
    await first.end('SIGKILL');
    await using second = await startController(other);
    expect((await second.health()).code).toBe(200);
  });

  it.concurrent('a control socket that another controller answers on: exit 1', async () => {
    await using stage = await openStage();
    await using first = await startController(stage);
    const refused = await stage.command(['run'], { STATE_DIR: join(stage.dir, 'other') });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(stage.socket);
    expect(refused.stderr).toContain('RUNTIME_DIR');
    expect((await first.health()).code).toBe(200);
  });

  it.concurrent('a port in use: exit 1, and it says which', async () => {
    await using stage = await openStage();
    const holder = createServer();
    await new Promise<void>((resolve) => {
      holder.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = holder.address() as { port: number };
      const refused = await stage.command(['run'], { HTTP_PORT: String(port) });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`127.0.0.1:${port}`);
      expect(refused.stderr).not.toContain('    at ');
      expect(existsSync(stage.socket)).toBe(false);
    } finally {
      holder.close();
    }
  });

  it.concurrent.each(LEDGERS)(
    'a ledger that is %s: exit 1, and it is left as it was',
    async (_, text, says) => {
      await using stage = await openStage();
      const path = await withLedger(stage, text);
      const refused = await stage.command(['run']);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(says);
      expect(refused.stderr).not.toContain('    at ');
      expect(await readFile(path, 'utf8')).toBe(text);
      expect(await stage.command(['plan'])).toMatchObject({ code: 1, stdout: '' });
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );

  it.concurrent('a ledger that is newer, before anything is made beside it', async () => {
    await using stage = await openStage();
    await mkdir(stage.stateDir);
    const path = await stage.writeFile('state/state.json', '{"version":99,"generation":1}');
    expect(await stage.command(['run'])).toMatchObject({ code: 1, stdout: '' });
    expect(await readdir(dirname(path))).toEqual(['state.json']);
  });

  it.concurrent('everything wrong with the configuration at once: exit 2, and nothing is made', async () => {
    await using stage = await openStage();
    await using elsewhere = await TempDirectory.make();
    const refused = await stage.command(['run'], {
      GITHUB_REPO: 'not-a-repository',
      GITHUB_TOKEN_FILE: join(elsewhere.path, 'no-such-token'),
      POLL_INTERVAL: '0',
      RUNNER_LABELS: 'a b',
      ENGINE: 'docker',
      STATE_DIR: join(elsewhere.path, 'state'),
      RUNTIME_DIR: join(elsewhere.path, 'run'),
    });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    for (const setting of ['GITHUB_REPO', 'GITHUB_TOKEN_FILE', 'POLL_INTERVAL', 'RUNNER_LABELS', 'ENGINE']) {
      expect(refused.stderr).toMatch(new RegExp(`^ +- ${setting}: given .*, expected `, 'm'));
    }
    expect(existsSync(join(elsewhere.path, 'state'))).toBe(false);
    expect(existsSync(join(elsewhere.path, 'run'))).toBe(false);
  });

  it.concurrent('a token where its file belongs: exit 2, and it is not said back', async () => {
    await using stage = await openStage();
    const refused = await stage.command(['run'], { GITHUB_TOKEN_FILE: TOKEN });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('GITHUB_TOKEN_FILE');
    expect(refused.stderr + refused.stdout).not.toContain(TOKEN);
  });

  it.concurrent('no settings at all: exit 2, and it names what is missing', async () => {
    await using stage = await openStage();
    const { PATH = '' } = stage.env;
    await using elsewhere = await TempDirectory.make();
    const refused = await stage.command(['run'], {
      ...Object.fromEntries(Object.keys(stage.env).map((name) => [name, ''])),
      PATH,
      STATE_DIR: join(elsewhere.path, 'state'),
      RUNTIME_DIR: join(elsewhere.path, 'run'),
    });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('GITHUB_REPO');
    expect(refused.stderr).toContain('GITHUB_TOKEN_FILE');
    expect(existsSync(join(elsewhere.path, 'state'))).toBe(false);
  });

  it.concurrent('a token file that others can read is a warning', async () => {
    await using stage = await openStage();
    await stage.writeFile('token', `${TOKEN}\n`, 0o644);
    await using controller = await startController(stage);
    const warning = controller.log.find(({ msg }) => msg === 'configuration');
    expect(warning).toMatchObject({ level: 'warn' });
    expect(String(warning?.['warning'])).toContain('GITHUB_TOKEN_FILE');
  });
});
