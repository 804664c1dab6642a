import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { startController } from '../../support/controller.ts';
import { createHeldJobs, NIX, untilBusy } from '../../support/jobs.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW, until } from '../../support/wait.ts';

describe('stop', SLOW, () => {
  it.concurrent('asks a running job to end, and deregisters nothing that GitHub calls busy', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    const asked = join(stage.dir, 'asked');
    const begun = join(stage.dir, 'begun');
    const script = `trap 'touch ${asked}; exit 1' TERM; touch ${begun}; while :; do sleep 0.05; done`;
    stage.github.createJob({ labels: NIX, script });
    await untilBusy(controller, 1);
    await until('the script to run', () => existsSync(begun));
    const [one] = (await controller.status()).active_containers;
    const name = one?.name ?? '';
    expect(await stage.command(['stop', name])).toMatchObject({
      code: 0,
      stdout: `${name} is being stopped\n`,
      stderr: '',
    });
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(existsSync(asked)).toBe(true);
    const [job] = stage.github.state().jobs;
    expect(job).toMatchObject({ conclusion: 'cancelled', executions: 1 });
    const line = controller.log.find(({ msg }) => msg === 'container stopping');
    expect(line).toMatchObject({ reason: 'operator', detail: 'stopped by an operator' });
  });

  it.concurrent('--now kills a job that does not want to end', async () => {
    await using stage = await openStage({ runner: { IGNORE_TERM: '1' } });
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    const [one] = (await controller.status()).active_containers;
    const name = one?.name ?? '';
    expect((await stage.command(['stop', name])).code).toBe(0);
    const stopping = await controller.until('its clean stop', ({ active_containers: [it] }) =>
      it?.phase === 'stopping' ? it : undefined,
    );
    expect(stopping.deadline).not.toBeNull();
    expect(await stage.command(['stop', name, '--now'])).toMatchObject({
      code: 0,
      stdout: `${name} is being killed\n`,
    });
    await controller.until('its container to go', ({ active_containers: active }) => active.length === 0);
  });

  it.concurrent('retires an idle or starting one, so that no job comes in between', async () => {
    await using stage = await openStage({ runner: { NEVER_CONNECT: '1' } });
    await using controller = await startController(stage);
    const { jobId } = stage.github.createJob({ labels: NIX });
    const name = await controller.until('its runner to start', ({ active_containers: [it] }) =>
      it?.phase === 'starting' ? it.name : undefined,
    );
    expect(await stage.command(['stop', name])).toMatchObject({ code: 0, stderr: '' });
    stage.github.cancelJob(jobId);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const stop = controller.log.find(({ msg }) => msg === 'container stopping');
    expect(stop).toMatchObject({ container: name, reason: 'operator' });
    expect(stage.github.report().neverRan).toEqual([]);
  });

  it.concurrent('says that there is no such container, exit 1', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    expect(await stage.command(['stop', 'j9999999'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'runner-controller: no container of ours is named j9999999\n',
    });
    expect((await controller.health()).code).toBe(200);
  });
});
