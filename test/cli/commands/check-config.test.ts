import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { fileSchema } from '../../../src/config/schema.ts';
import { runMain } from '../../support/cli.ts';
import { openStage, TOKEN } from '../../support/stage.ts';
import { SLOW } from '../../support/wait.ts';

describe('check-config', SLOW, () => {
  it.concurrent('says that a good one is valid, and touches nothing', async () => {
    await using stage = await openStage();
    expect(await runMain(['check-config'], stage.env)).toMatchObject({
      code: 0,
      stdout: 'the configuration is valid\n',
      stderr: '',
    });
    expect(existsSync(stage.stateDir)).toBe(false);
  });

  it.concurrent('--print prints the effective configuration: no secrets, and it is one itself', async () => {
    await using stage = await openStage();
    const { code, stdout, stderr } = await runMain(['check-config', '--print'], stage.env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain(TOKEN);
    const printed = JSON.parse(stdout) as Record<string, unknown>;
    expect(printed).toMatchObject({
      scopes: [{ repo: 'o/r' }],
      pollInterval: 1,
      maxConcurrent: 7,
      jobTimeout: 7200,
      engine: 'process',
      stateDir: stage.stateDir,
      classes: [{ name: 'default', labels: ['self-hosted', 'nix'], max: 7 }],
    });
    const file = await stage.writeFile('printed.json', stdout);
    const { PATH = '' } = stage.env;
    const none = Object.fromEntries(Object.keys(stage.env).map((name) => [name, '']));
    const again = await runMain(['check-config', '--print', '--config', file], { ...none, PATH });
    expect(again).toMatchObject({ code: 0, stdout });
  });

  it.concurrent('--schema prints the schema of the file, and needs no settings', async () => {
    const { code, stdout, stderr } = await runMain(['check-config', '--schema'], {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(fileSchema());
  });

  it.concurrent('--offline takes every path for there, and looks at all else', async () => {
    await using stage = await openStage();
    const settings = {
      scopes: [{ repo: 'o/r' }],
      githubTokenFile: '/nowhere/token',
      containerSystem: '/nix/store/none',
    };
    const good = ['check-config', '--config', await stage.writeFile('good.json', JSON.stringify(settings))];
    const env = { PATH: stage.env['PATH'] ?? '' };
    expect(await runMain(good, env)).toMatchObject({ code: 2, stdout: '' });
    expect(await runMain([...good, '--offline'], env)).toMatchObject({ code: 0, stderr: '' });
    const bad = await stage.writeFile('bad.json', JSON.stringify({ ...settings, jobTimeout: 0 }));
    const ended = await runMain(['check-config', '--config', bad, '--offline'], env);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('jobTimeout: given 0');
  });

  it.concurrent('lists every problem of a bad one, exit 2', async () => {
    await using stage = await openStage();
    const ended = await runMain(['check-config'], {
      ...stage.env,
      MAX_CONCURRENT: '101',
      REGISTRATION: 'magic',
    });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('the configuration has 2 problems:');
    expect(ended.stderr).toContain('MAX_CONCURRENT: given "101"');
    expect(ended.stderr).toContain('REGISTRATION: given "magic"');
  });

  it.concurrent('warnings go to stderr and are no failure', async () => {
    await using stage = await openStage();
    await stage.writeFile('token', TOKEN, 0o644);
    const ended = await runMain(['check-config'], stage.env);
    expect(ended).toMatchObject({ code: 0, stdout: 'the configuration is valid\n' });
    expect(ended.stderr).toMatch(/^warning: GITHUB_TOKEN_FILE/);
  });
});
