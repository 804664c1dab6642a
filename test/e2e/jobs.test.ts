import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { heldScript, NIX, release, untilSuccess } from '../support/jobs.ts';
import { BUILT } from '../support/program.ts';
import { openStage } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

describe('jobs, from queued to gone', SLOW, () => {
  it.concurrent('runs one job in a container of its own and leaves nothing', async () => {
    await using stage = await openStage({ main: BUILT });
    await using controller = await startController(stage);
    const { jobId } = stage.github.createJob({
      labels: NIX,
      script: `test -n "$RUNNER_NAME"; ${heldScript(stage)}`,
    });
    const busy = await controller.until('the job to run', ({ active_containers: [one] }) =>
      one?.phase === 'busy' && one.running_job_id !== null ? one : undefined,
    );
    expect(busy.job_id).toBe(jobId);
    expect(busy.running_job_id).toBe(jobId);
    expect(busy.name).toBe(`j${String(jobId).slice(-7)}`);
    expect(busy.runner_name).toMatch(new RegExp(`^test-${busy.name}-[a-z0-9]{8}$`));
    expect(busy.deadline).not.toBeNull();
    await release(stage);
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const report = stage.github.report();
    expect(report.counters).toMatchObject({ created: 1, left: 0 });
    expect(report.violations).toEqual([]);
  });

  it.concurrent('runs a matrix wider than the host, every job once, never over the maximum', async () => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '4' } });
    await using controller = await startController(stage);
    const jobs = Array.from({ length: 10 }, (_, at) => ({
      name: `matrix (${at})`,
      labels: NIX,
      script: 'sleep 0.2',
    }));
    stage.github.createRun({ jobs });
    let most = 0;
    let full = false;
    await controller.until('all of them to be over', ({ active_containers: active, queue }) => {
      most = Math.max(most, active.length);
      full ||= queue.some(({ waiting }) => waiting.reason === 'host-at-capacity');
      const subnets = active.map(({ subnet }) => subnet);
      expect(new Set(subnets).size).toBe(subnets.length);
      return stage.github.report().openJobs.length === 0 && active.length === 0;
    });
    expect(most).toBeLessThanOrEqual(4);
    expect(full).toBe(true);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const report = stage.github.report();
    expect(report).toMatchObject({ ranTwice: [], neverRan: [], wrongLabels: [], violations: [] });
  });

  it.concurrent('gives each class its own runners', async () => {
    await using stage = await openStage();
    const file = await stage.writeFile(
      'config.json',
      JSON.stringify({
        classes: [
          { name: 'small', labels: ['self-hosted', 'small'], max: 2 },
          { name: 'large', labels: ['self-hosted', 'large', 'gpu'], max: 1 },
        ],
      }),
    );
    await using controller = await startController(stage, {
      RUNNER_LABELS: '',
      RUNNER_CONTROLLER_CONFIG: file,
    });
    const script = heldScript(stage);
    const small = stage.github.createJob({ labels: ['small'], script });
    const large = stage.github.createJob({ labels: ['self-hosted', 'gpu'], script });
    const second = stage.github.createJob({ labels: ['large'], script: 'sleep 0.1' });
    await controller.until('one of each class', ({ active_containers: active, queue }) => {
      const held = queue.find(({ job_id }) => job_id === second.jobId);
      return (
        active.some((it) => it.class === 'small' && it.running_job_id === small.jobId) &&
        active.some((it) => it.class === 'large' && it.running_job_id === large.jobId) &&
        held?.waiting.reason === 'class-at-capacity'
      );
    });
    await release(stage);
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().wrongLabels).toEqual([]);
  });

  it.concurrent('makes another runner when a job is run by one that was made for another', async () => {
    await using stage = await openStage({ switches: { assign: 'theft' } });
    await using controller = await startController(stage);
    const jobs = Array.from({ length: 4 }, (_, at) => ({
      name: `job ${at}`,
      labels: NIX,
      script: 'sleep 0.5',
    }));
    stage.github.createRun({ jobs });
    await stage.github.waitFor(({ jobs }) => jobs.every(({ status }) => status === 'completed'));
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const report = stage.github.report();
    expect(report.thefts.length).toBeGreaterThan(0);
    expect(report).toMatchObject({ ranTwice: [], neverRan: [], violations: [] });
  });

  it.concurrent('retires the runner of a job that was cancelled while queued', async () => {
    await using stage = await openStage({ runner: { NEVER_CONNECT: '1' } });
    await using controller = await startController(stage);
    const { jobId } = stage.github.createJob({ labels: NIX });
    await controller.until(
      'its runner to start',
      ({ active_containers: [one] }) => one?.phase === 'starting',
    );
    stage.github.cancelJob(jobId);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const stop = controller.log.find(({ msg }) => msg === 'container stopping');
    expect(stop).toMatchObject({ level: 'info', reason: 'not-needed' });
    expect(stage.github.report().neverRan).toEqual([]);
  });

  it.concurrent('runs a job again when its run is re-run', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    const { runId } = stage.github.createJob({ labels: NIX, script: 'true' });
    await stage.github.waitFor(({ jobs }) => jobs.every(({ status }) => status === 'completed'));
    stage.github.rerun(runId);
    await stage.github.waitFor(
      ({ jobs }) => jobs.length === 2 && jobs.every(({ conclusion }) => conclusion === 'success'),
    );
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().counters).toMatchObject({ created: 2, left: 0 });
  });

  it.concurrent('shows a job that nobody offers, with what is missing, and leaves others alone', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    const gpu = stage.github.createJob({ labels: ['self-hosted', 'gpu'] });
    stage.github.createJob({ labels: ['ubuntu-latest'] });
    stage.github.createJob({ labels: [] });
    const held = await controller.until('the job to be shown', ({ queue: [one] }) => one);
    expect(held).toMatchObject({
      job_id: gpu.jobId,
      repository: 'o/r',
      labels: ['self-hosted', 'gpu'],
      waiting: { reason: 'no-matching-class', detail: 'no class offers: gpu' },
    });
    const { queue, active_containers: active } = await controller.status();
    expect(queue).toHaveLength(1);
    expect(active).toEqual([]);
    expect(stage.github.report().counters.created).toBe(0);
  });

  it.concurrent('does not mind the case of labels', async () => {
    await using stage = await openStage({ env: { RUNNER_LABELS: 'Self-Hosted,NIX,x64' } });
    await using controller = await startController(stage);
    stage.github.createJob({ labels: ['SELF-hosted', 'nix'], script: 'true' });
    await stage.github.waitFor(({ jobs: [job] }) => job?.conclusion === 'success');
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().wrongLabels).toEqual([]);
  });
});
