import { describe, expect, it } from 'vitest';

import type { Controller } from '../support/controller.ts';
import { startController } from '../support/controller.ts';
import { createHeldJobs, NIX, untilBusy, untilSuccess } from '../support/jobs.ts';
import { instanceProcesses } from '../support/processes.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** The contract's limit, milliseconds. */
const END = 5_000;

async function untilDone(stage: Stage, controller: Controller): Promise<void> {
  await untilSuccess(stage);
  await controller.untilQuiet();
  await stage.untilNothingIsLeft();
  expect(stage.github.report()).toMatchObject({ ranTwice: [], neverRan: [], violations: [] });
}

describe('the end of the controller, and the next one', SLOW, () => {
  it.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it in under five seconds, and its jobs go on under the next one',
    async (signal) => {
      await using stage = await openStage();
      await using first = await startController(stage);
      const jobs = createHeldJobs(stage, 3);
      const before = await untilBusy(first, 3);
      const ended = await first.end(signal);
      expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(ended.milliseconds).toBeLessThan(END);
      expect(first.log.at(-1)).toMatchObject({ msg: 'stopped; containers are left alone' });
      expect(instanceProcesses(stage.stateDir).length).toBeGreaterThanOrEqual(3);

      await using second = await startController(stage);
      expect(await untilBusy(second, 3)).toEqual(before);
      await jobs.release();
      await untilDone(stage, second);
      expect(stage.github.report().counters.created).toBe(3);
    },
  );

  it.concurrent('a job that ends while no controller runs is cleaned up by the next', async () => {
    await using stage = await openStage();
    await using first = await startController(stage);
    const jobs = createHeldJobs(stage, 2);
    await untilBusy(first, 2);
    await first.end('SIGTERM');
    await jobs.release();
    await untilSuccess(stage);
    expect(await stage.remains()).not.toEqual([]);
    await using second = await startController(stage);
    await untilDone(stage, second);
  });

  it.concurrent('kill -9 harms no running job, and nothing is lost or run twice', async () => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '2' } });
    await using first = await startController(stage);
    const jobs = createHeldJobs(stage, 4);
    const before = await untilBusy(first, 2);
    expect(await first.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await using second = await startController(stage);
    expect(await untilBusy(second, 2)).toEqual(before);
    await jobs.release();
    await untilDone(stage, second);
  });

  it.concurrent('a lost ledger costs no running job: what carries our mark is adopted', async () => {
    await using stage = await openStage();
    await using first = await startController(stage);
    const jobs = createHeldJobs(stage, 2);
    const before = await untilBusy(first, 2);
    await first.end('SIGKILL');
    await stage.writeFile(
      'state/state.json',
      '{"version":1,"generation":1,"instances":[],"debts":[],"failures":[],"ghosts":[],"taken":[],"finished":[],"answeredAt":null}',
    );
    await using second = await startController(stage);
    expect(await untilBusy(second, 2)).toEqual(before);
    expect(second.log.filter(({ msg }) => msg === 'container adopted')).toHaveLength(2);
    await jobs.release();
    await untilDone(stage, second);
  });

  it.concurrent('SIGTERM does not wait for a GitHub that hangs, and the job runs once under the next one', async () => {
    await using stage = await openStage();
    await using first = await startController(stage);
    stage.github.addFaults([{ method: 'POST', hang: true, after: true }]);
    const { jobId } = stage.github.createJob({ labels: NIX, script: 'true' });
    await until('the registration to hang', () =>
      stage.github.report().requests.some(({ method, faulted }) => method === 'POST' && faulted),
    );
    const ended = await first.end('SIGTERM');
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.milliseconds).toBeLessThan(END);
    stage.github.clearFaults();
    await using second = await startController(stage);
    await untilDone(stage, second);
    expect(stage.github.state().jobs).toMatchObject([{ id: jobId, executions: 1 }]);
  });

  it.concurrent('SIGTERM in the middle of a clean stop: the next one goes on with it', async () => {
    await using stage = await openStage({ runner: { IGNORE_TERM: '1' } });
    await using first = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(first, 1);
    const name = (await first.status()).active_containers[0]?.name ?? '';
    expect(await stage.command(['stop', name])).toMatchObject({ code: 0 });
    await first.until('its clean stop', ({ active_containers: [one] }) => one?.phase === 'stopping');
    const ended = await first.end('SIGTERM');
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.milliseconds).toBeLessThan(END);
    await using second = await startController(stage);
    const [one] = (await second.status()).active_containers;
    expect(one).toMatchObject({ name, phase: 'stopping' });
    expect(await stage.command(['stop', name, '--now'])).toMatchObject({ code: 0 });
    await second.until('its container to go', ({ active_containers: active }) => active.length === 0);
    expect(instanceProcesses(stage.stateDir)).toEqual([]);
  });
});
