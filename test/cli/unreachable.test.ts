import { describe, expect, it } from 'vitest';

import { runMain } from '../support/cli.ts';
import { startController } from '../support/controller.ts';
import { openStage } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

const COMMANDS = [
  ['status'],
  ['status', '--json'],
  ['stop', 'j1'],
  ['drain'],
  ['drain', '--wait'],
  ['resume'],
];

describe('commands that need the running controller', SLOW, () => {
  it.concurrent.each(COMMANDS)(
    '%s: exit 3 when there is none, without any GitHub setting',
    async (...args) => {
      await using stage = await openStage();
      const github = {
        GITHUB_REPO: '',
        GITHUB_TOKEN_FILE: '',
        GITHUB_API_URL: '',
        ENGINE: '',
        PROCESS_RUNNER: '',
      };
      const ended = await runMain(args, { ...stage.env, ...github });
      expect(ended).toMatchObject({ code: 3, stdout: '' });
      expect(ended.stderr).toContain(stage.socket);
      expect(ended.stderr).toContain('is it running?');
    },
  );

  it.concurrent('status asks the port that it is given', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    const { port } = new URL(controller.url);
    const seen = await stage.command(['status', '--json'], { HTTP_PORT: port, RUNTIME_DIR: stage.dir });
    expect(seen).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(JSON.parse(seen.stdout) as object)).toContain('active_containers');
    await controller.end('SIGTERM');
    const gone = await stage.command(['status'], { HTTP_PORT: port });
    expect(gone.code).toBe(3);
    expect(gone.stderr).toContain(`http://127.0.0.1:${port}`);
  });

  it.concurrent('a stranger on that port is not taken for one: exit 3', async () => {
    await using stage = await openStage();
    const { port } = new URL(stage.github.url);
    const ended = await stage.command(['status'], { HTTP_PORT: port });
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toContain('not a runner-controller');
  });

  it.concurrent('a wedged one: exit 3 after ten seconds', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    controller.program.signal('SIGSTOP');
    await using asking = stage.spawn(['status']);
    expect(await asking.ended).toMatchObject({ code: 3, stdout: '' });
    expect(asking.stderr).toMatch(/^waiting for the controller$/m);
    controller.program.signal('SIGCONT');
    expect(await stage.command(['status'])).toMatchObject({ code: 0 });
  });
});
