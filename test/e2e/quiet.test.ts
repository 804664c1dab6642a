import { describe, expect, it } from 'vitest';

import type { Controller } from '../support/controller.ts';
import { startController } from '../support/controller.ts';
import { NIX, untilSuccess } from '../support/jobs.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** Requests of so many polls and more. */
const MANY = 15;
/** The requests of a poll, whatever it asks, are fewer. */
const POLL = 8;

/** Requests after the first `from` that were answered with anything but "unchanged". */
function changedSince(stage: Stage, from: number): readonly unknown[] {
  const requests = stage.github.report().requests.slice(from);
  return requests.filter(({ status, conditional }) => status !== 304 || !conditional);
}

/** Those over several polls. */
async function changedOver(stage: Stage, controller: Controller): Promise<readonly unknown[]> {
  const from = stage.github.report().requestCount;
  await until('more polls', () => stage.github.report().requestCount >= from + MANY);
  const changed = changedSince(stage, from);
  await controller.until('GitHub to answer', ({ github }) => github.ok);
  return changed;
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
    await controller.until('the job to be shown', ({ queue }) =>
      queue.some(({ waiting }) => waiting.reason === 'no-matching-class'),
    );
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const last = stage.github.report().requestCount;
    await until('a poll that changes nothing', () => {
      const { requestCount } = stage.github.report();
      return requestCount >= last + POLL && changedSince(stage, requestCount - POLL).length === 0;
    });
    expect(await changedOver(stage, controller)).toEqual([]);
  });
});
