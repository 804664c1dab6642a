import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { runMain } from '../../support/cli.ts';
import { startController } from '../../support/controller.ts';
import { createHeldJobs, untilBusy } from '../../support/jobs.ts';
import type { Stage } from '../../support/stage.ts';
import { openStage, TOKEN } from '../../support/stage.ts';
import { SLOW } from '../../support/wait.ts';

/** Registers a runner that never connects, as one whose container is long gone. */
async function register(stage: Stage, name: string): Promise<void> {
  const answer = await fetch(`${stage.github.url}/repos/o/r/actions/runners/generate-jitconfig`, {
    method: 'POST',
    headers: { authorization: `token ${TOKEN}`, 'user-agent': 'test' },
    body: JSON.stringify({ name, runner_group_id: 1, labels: ['self-hosted'] }),
  });
  expect(answer.status).toBe(201);
}

/** A controller that ran here and is gone again, with runners at GitHub: its own, one of ours left over, others'. */
async function prepare(
  stage: Stage,
): Promise<{ readonly left: string; readonly strangers: readonly string[] }> {
  {
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    await controller.end('SIGTERM');
  }
  const id = (await readFile(join(stage.stateDir, 'controller-id'), 'utf8')).trim();
  const left = `test-j7654321-${id.slice(0, 4)}zzzz`;
  const strangers = ['test-j7654321-0000zzzz', 'somebody-else', `${left}-not`];
  for (const name of [left, ...strangers]) await register(stage, name);
  return { left, strangers };
}

function names(stage: Stage): readonly string[] {
  return stage.github.state().runners.map(({ name }) => name);
}

describe('cleanup runners', SLOW, () => {
  it.concurrent('deletes what is ours, offline and without promise or container, and nothing else', async () => {
    await using stage = await openStage();
    const { left, strangers } = await prepare(stage);
    const [busy] = stage.github.state().jobs;
    const dry = await runMain(['cleanup', 'runners', '--dry-run'], stage.env);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(new RegExp(`^would delete ${left} \\(\\d+\\)\n$`));
    expect(names(stage)).toContain(left);

    const done = await stage.command(['cleanup', 'runners']);
    expect(done).toMatchObject({ code: 0, stdout: `deleted ${left}\n`, stderr: '' });
    expect([...names(stage)].sort()).toEqual([busy?.runnerName ?? '', ...strangers].sort());
    expect(await runMain(['cleanup', 'runners'], stage.env)).toEqual({
      code: 0,
      stdout: 'no runner of ours is left over\n',
      stderr: '',
    });
  });

  it.concurrent('deletes nothing when the engine cannot be read, exit 1', async () => {
    await using stage = await openStage();
    const { left } = await prepare(stage);
    const before = names(stage);
    // Its containers are not to be seen.
    await stage.hide('state/instances');
    const ended = await runMain(['cleanup', 'runners'], stage.env);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('the engine cannot be read, so nothing is deleted');
    expect(names(stage)).toEqual(before);
    expect(names(stage)).toContain(left);
  });

  it.concurrent("deletes nothing when GitHub's runners cannot be read, exit 1", async () => {
    await using stage = await openStage();
    await prepare(stage);
    const before = names(stage);
    stage.github.addFaults([{ method: 'GET', path: '/actions/runners', status: 500 }]);
    const ended = await runMain(['cleanup', 'runners'], stage.env);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain("GitHub's runners cannot be read");
    expect(names(stage)).toEqual(before);
  });

  it.concurrent('says what GitHub refused, exit 1', async () => {
    await using stage = await openStage();
    const { left } = await prepare(stage);
    const message = 'Runner "x" is currently running a job and cannot be deleted.';
    stage.github.addFaults([{ method: 'DELETE', status: 422, message, count: 1 }]);
    expect(await runMain(['cleanup', 'runners'], stage.env)).toEqual({
      code: 1,
      stdout: `${left}: GitHub refuses: busy\n`,
      stderr: '',
    });
    stage.github.addFaults([{ method: 'DELETE', status: 403, count: 1 }]);
    const refused = await runMain(['cleanup', 'runners'], stage.env);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`${left}: `);
  });

  it.concurrent('finds nothing of ours where no controller ever ran', async () => {
    await using stage = await openStage();
    await register(stage, 'test-j7654321-abcdzzzz');
    expect(await runMain(['cleanup', 'runners'], stage.env)).toMatchObject({ code: 0, stderr: '' });
    expect(names(stage)).toEqual(['test-j7654321-abcdzzzz']);
  });
});
