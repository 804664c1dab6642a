import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { MAIN } from '../support/program.ts';
import { openStage } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

describe('a reader that goes away', SLOW, () => {
  it('ends `status --watch`, without a word on stderr', async () => {
    await using stage = await openStage();
    await using _controller = await startController(stage);
    const child = spawn(process.execPath, [MAIN, 'status', '--watch', '--json'], {
      env: { ...stage.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
    });
    expect({ code, said }).toEqual({ code: 0, said: [] });
  });
});
