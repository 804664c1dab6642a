import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Controller } from '../support/controller.ts';
import { startController } from '../support/controller.ts';
import { openLocal, ShiftedClock } from '../support/in-process.ts';
import { NIX } from '../support/jobs.ts';
import type { Stage } from '../support/stage.ts';
import { openStage, TOKEN } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

function stopsOf({ log }: Pick<Controller, 'log'>): readonly unknown[] {
  return log.filter(({ msg }) => msg === 'container stopping').map((line) => line['reason']);
}

/** GitHub's lists go on saying that the job is queued, while nobody can be given it any more. */
async function makeGhost(stage: Stage): Promise<number> {
  const { runId, jobId } = stage.github.createJob({ labels: NIX });
  const body = async (path: string): Promise<string> => {
    const answer = await fetch(`${stage.github.url}/repos/o/r/actions/${path}`, {
      headers: { authorization: `token ${TOKEN}`, 'user-agent': 'test' },
    });
    return answer.text();
  };
  const lies = [
    {
      method: 'GET',
      path: String.raw`/actions/runs\?.*status=queued`,
      body: await body('runs?status=queued&per_page=100'),
    },
    { method: 'GET', path: `/actions/runs/${runId}/`, body: await body(`runs/${runId}/jobs?per_page=100`) },
  ];
  stage.github.cancelJob(jobId);
  stage.github.addFaults(lies);
  return jobId;
}

describe('time-outs', SLOW, () => {
  it.concurrent('JOB_TIMEOUT asks the runner to end its job', async () => {
    await using stage = await openStage({ env: { JOB_TIMEOUT: '2' } });
    const asked = join(stage.dir, 'asked');
    const script = `trap 'touch ${asked}; exit 1' TERM; while :; do sleep 0.05; done`;
    stage.github.createJob({ labels: NIX, script });
    await using controller = await startController(stage);
    const [job] = await stage.github.waitFor(
      ({ jobs }) => jobs.every(({ status }) => status === 'completed') && jobs,
    );
    expect(job?.conclusion).toBe('cancelled');
    expect(existsSync(asked)).toBe(true);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stopsOf(controller)).toEqual(['job-timeout']);
  });

  it.concurrent('RUNNER_STARTUP_TIMEOUT ends a container whose runner never connects', async () => {
    await using stage = await openStage({
      env: { RUNNER_STARTUP_TIMEOUT: '2' },
      runner: { NEVER_CONNECT: '1' },
    });
    const { jobId } = stage.github.createJob({ labels: NIX });
    await using controller = await startController(stage);
    await controller.until('the start to time out', () => stopsOf(controller).includes('never-online'));
    stage.github.cancelJob(jobId);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().counters).toMatchObject({ left: 0 });
  });

  it.concurrent('RUNNER_IDLE_TIMEOUT, twice for one job, leaves one runner that waits for the first job', async () => {
    await using stage = await openStage({ env: { RUNNER_IDLE_TIMEOUT: '1' } });
    const jobId = await makeGhost(stage);
    await using controller = await startController(stage);
    const { waiting } = await controller.until(
      'the job to be held',
      ({ queue, active_containers: active }) =>
        active.length <= 1 && stopsOf(controller).length >= 3 && queue[0],
    );
    // Nobody was given a job here, so it is GitHub: one runner at a time waits for the first.
    expect(['waiting-for-github', 'starting']).toContain(waiting.reason);
    expect(new Set(stopsOf(controller))).toEqual(new Set(['idle-timeout']));
    const { github } = await controller.status();
    await controller.until(
      'two more polls',
      (it) => Date.parse(it.github.last_poll ?? '') >= Date.parse(github.last_poll ?? '') + 2_000,
    );
    const { queue } = await controller.status();
    expect(queue.map(({ job_id }) => job_id)).toEqual([jobId]);
    stage.github.clearFaults();
    await controller.until('the truth', (it) => it.queue.length === 0);
    await stage.untilNothingIsLeft();
  });

  it.concurrent('time-outs of starts stand still while GitHub is down', async () => {
    await using stage = await openStage({
      env: { RUNNER_STARTUP_TIMEOUT: '40' },
      runner: { NEVER_CONNECT: '1' },
    });
    const clock = new ShiftedClock();
    const { jobId } = stage.github.createJob({ labels: NIX });
    await using controller = await openLocal(stage, { clock });
    const before = await controller.until('its runner to start', ({ active_containers: [one] }) =>
      one?.phase === 'starting' ? one : undefined,
    );
    stage.github.addFaults([{ status: 502 }]);
    await controller.until('GitHub to be down', ({ github }) => !github.ok);
    clock.shift(3_600_000);
    await controller.until(
      'a tick an hour later',
      ({ active_containers: [one] }) => (one?.running_seconds ?? 0) > 3_000,
    );
    stage.github.clearFaults();
    const after = await controller.until('its deadline to move', ({ active_containers: [one] }) => {
      const later = Date.parse(one?.deadline ?? '') - Date.parse(before.deadline ?? '');
      return later > 3_590_000 ? one : undefined;
    });
    expect(after).toMatchObject({ name: before.name, runner_name: before.runner_name, phase: 'starting' });
    expect(stopsOf(controller)).toEqual([]);
    for (let step = 0; step < 4; step += 1) {
      const { github } = await controller.status();
      clock.shift(15_000);
      await controller.until(
        'a poll',
        (it) => Date.parse(it.github.last_poll ?? '') >= Date.parse(github.last_poll ?? '') + 15_000,
      );
    }
    await controller.until('the start to time out', () => stopsOf(controller).includes('never-online'));
    stage.github.cancelJob(jobId);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('JOB_TIMEOUT runs while GitHub is down, too', async () => {
    await using stage = await openStage({ env: { JOB_TIMEOUT: '60' } });
    const clock = new ShiftedClock();
    stage.github.createJob({ labels: NIX, script: 'sleep 600' });
    await using controller = await openLocal(stage, { clock });
    await controller.until('the job to run', ({ active_containers: [one] }) => one?.phase === 'busy');
    stage.github.addFaults([{ status: 502 }]);
    await controller.until('GitHub to be down', ({ github }) => !github.ok);
    clock.shift(61_000);
    await controller.until('its container to go', ({ active_containers: active }) => active.length === 0);
    expect(stopsOf(controller)).toEqual(['job-timeout']);
    stage.github.clearFaults();
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });
});
