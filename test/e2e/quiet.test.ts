import { describe, expect, it } from 'vitest';

import type { Controller } from '../support/controller.ts';
import { startController } from '../support/controller.ts';
import { NIX, untilSuccess } from '../support/jobs.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** Requests of so many polls and more. */
const MANY = 15;

/** Requests, over several polls, that were answered with anything but "unchanged". */
async function changedOver(stage: Stage, controller: Controller): Promise<readonly unknown[]> {
  const from = stage.github.report().requestCount;
  await until('more polls', () => stage.github.report().requestCount >= from + MANY);
  const requests = stage.github.report().requests.slice(from);
  await controller.until('GitHub to answer', ({ github }) => github.ok);
  return requests.filter(({ status, conditional }) => status !== 304 || !conditional);
}

describe('a quiet repository', SLOW, () => {
  it.concurrent('costs 304s only after the first poll', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    await controller.until('the first poll', ({ github }) => github.ok);
    expect(await changedOver(stage, controller)).toEqual([]);
  });

  it.concurrent('is quiet again after a job, and a waiting job that nobody offers changes nothing', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    stage.github.createJob({ labels: NIX, script: 'true' });
    await untilSuccess(stage);
    stage.github.createJob({ labels: ['self-hosted', 'gpu'] });
    await controller.until('the job to be shown', ({ queue }) => queue.length === 1);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const { github } = await controller.status();
    await controller.until('a poll after that', (it) => it.github.last_poll !== github.last_poll);
    await controller.until('GitHub to answer', (it) => it.github.ok);
    expect(await changedOver(stage, controller)).toEqual([]);
  });
});
