import { describe, expect, it } from 'vitest';

import { startController } from '../../support/controller.ts';
import { createHeldJobs, NIX, untilBusy, untilSuccess } from '../../support/jobs.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW, until } from '../../support/wait.ts';

describe('drain and resume', SLOW, () => {
  it.concurrent('takes no new jobs, lets running ones end, is kept over a restart, and is taken back', async () => {
    await using stage = await openStage();
    await using first = await startController(stage);
    const jobs = createHeldJobs(stage, 1);
    const before = await untilBusy(first, 1);
    expect(await stage.command(['drain'])).toMatchObject({
      code: 0,
      stdout: 'draining: no new jobs are taken\n',
      stderr: '',
    });
    const later = stage.github.createJob({ labels: NIX, script: 'true' });
    const { waiting } = await first.until('the later job to wait', ({ queue: [one] }) => one);
    expect(waiting.reason).toBe('draining');
    expect((await first.status()).draining).toBe(true);
    await first.end('SIGTERM');

    await using second = await startController(stage);
    const { queue } = await second.until('it to drain still', (it) => it.queue.length === 1 && it);
    expect(queue[0]).toMatchObject({ job_id: later.jobId, waiting: { reason: 'draining' } });
    expect(await untilBusy(second, 1)).toEqual(before);
    await jobs.release();
    expect(await stage.command(['drain', '--wait'])).toMatchObject({ code: 0 });
    expect((await second.status()).active_containers).toEqual([]);
    expect(await stage.command(['resume'])).toMatchObject({
      code: 0,
      stdout: 'resumed: new jobs are taken\n',
    });
    await untilSuccess(stage);
    await second.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('retires starting runners at once', async () => {
    await using stage = await openStage({ runner: { NEVER_CONNECT: '1' } });
    await using controller = await startController(stage);
    stage.github.createJob({ labels: NIX });
    await controller.until('a runner to start', ({ active_containers: [one] }) => one?.phase === 'starting');
    const { code, stdout } = await stage.command(['drain', '--wait', '--timeout', '20']);
    expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      last: 'drained: no container is left',
    });
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(controller.log.find(({ msg }) => msg === 'container stopping')).toMatchObject({
      reason: 'drained',
    });
  });

  it.concurrent('--wait says what it waits for, and --timeout is exit 1', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    const [one] = (await controller.status()).active_containers;
    const ended = await stage.command(['drain', '--wait', '--timeout', '1']);
    expect(ended).toMatchObject({ code: 1, stdout: `waiting for ${one?.name} (busy)\n` });
    expect(ended.stderr).toContain(`not drained after 1 s: ${one?.name} (busy)`);
    expect((await controller.status()).draining).toBe(true);
  });

  it.concurrent('--wait that is interrupted says that draining goes on', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    await using waiting = stage.spawn(['drain', '--wait']);
    await until('it to wait', () => waiting.stdout.includes('waiting for'));
    waiting.signal('SIGINT');
    const ended = await waiting.ended;
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.stderr).toContain('goes on draining');
    expect((await controller.status()).draining).toBe(true);
  });
});
