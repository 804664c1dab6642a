import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { AnsweredRequest } from '../src/simulator/options.ts';
import { startController } from '../test/support/controller.ts';
import { NIX } from '../test/support/jobs.ts';
import type { Stage } from '../test/support/stage.ts';
import { openStage, runnerCommand, TOKEN } from '../test/support/stage.ts';
import { until } from '../test/support/wait.ts';
import type { Found } from './report.ts';
import { median, quantile, rounded } from './report.ts';

const SAMPLES = 25;
const TARGET = 400;
/** The first line of each script: when it ran, nanoseconds since the epoch. */
const STAMP = 'date +%s%N > "$STAMP"; true';

/** From the poll response that shows a job to the first line of its script, beside a runner started by hand. */
export async function latency(): Promise<Found> {
  const shownAt = new Map<number, number>();
  const onAnswer = ({ responseBody }: AnsweredRequest): void => {
    for (const job of queuedIn(responseBody)) if (!shownAt.has(job)) shownAt.set(job, Date.now());
  };
  await using stage = await openStage({ repos: ['o/r', 'o/bare'], onAnswer, env: { LOG_LEVEL: 'info' } });
  await using controller = await startController(stage);
  await controller.until('the first poll', ({ github }) => github.ok);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    // Anywhere between two polls.
    await sleep(Math.random() * 1_000);
    const stamp = join(stage.dir, `ours-${sample}`);
    const { jobId } = stage.github.createJob({ labels: NIX, script: STAMP, env: { STAMP: stamp } });
    const ran = await stampOf(stamp);
    ours.push(ran - (shownAt.get(jobId) ?? Number.NaN));
    await controller.untilQuiet();
    bare.push(await bareRunner(stage, sample));
  }
  const figures = {
    samples: SAMPLES,
    medianMs: rounded(median(ours)),
    p95Ms: rounded(quantile(ours, 0.95)),
    bareMedianMs: rounded(median(bare)),
    bareP95Ms: rounded(quantile(bare, 0.95)),
    ratio: rounded(median(ours) / median(bare), 2),
    targetMs: TARGET,
  };
  return {
    figures,
    lines: [
      `poll response to first line of the script: median ${figures.medianMs} ms, p95 ${figures.p95Ms} ms (target ${TARGET})`,
      `registering and starting the runner by hand: median ${figures.bareMedianMs} ms, p95 ${figures.bareP95Ms} ms; ratio ${figures.ratio}`,
    ],
  };
}

function queuedIn(body: unknown): readonly number[] {
  if (typeof body !== 'object' || body === null || !('jobs' in body)) return [];
  const jobs = body.jobs as readonly { readonly id: number; readonly status: string }[];
  return jobs.filter(({ status }) => status === 'queued').map(({ id }) => id);
}

/** Milliseconds since the epoch. */
async function stampOf(path: string): Promise<number> {
  const text = await until('the script to run', async () => {
    const written = await readFile(path, 'utf8');
    return written.endsWith('\n') && written;
  });
  return Number(BigInt(text.trim()) / 1_000n) / 1_000;
}

/** One registration request and the stand-in runner, in a repository that no controller watches. */
async function bareRunner(stage: Stage, sample: number): Promise<number> {
  const dir = join(stage.dir, `bare-${sample}`);
  const stamp = join(dir, 'stamp');
  await mkdir(join(dir, 'signals'), { recursive: true });
  stage.github.createJob({ repo: 'o/bare', labels: ['bare'], script: STAMP, env: { STAMP: stamp } });
  const began = Date.now();
  const answer = await fetch(`${stage.github.url}/repos/o/bare/actions/runners/generate-jitconfig`, {
    method: 'POST',
    headers: { authorization: `token ${TOKEN}`, 'user-agent': 'bench' },
    body: JSON.stringify({ name: `bare-${sample}`, runner_group_id: 1, labels: ['bare'] }),
  });
  const { encoded_jit_config: jitConfig } = (await answer.json()) as { encoded_jit_config: string };
  await writeFile(join(dir, 'runner-registration'), JSON.stringify({ version: 1, mode: 'jit', jitConfig }));
  const child = spawn('/bin/sh', ['-c', runnerCommand()], {
    cwd: dir,
    env: { PATH: stage.env['PATH'], CREDENTIALS_DIRECTORY: dir, RUNNER_SIGNALS: join(dir, 'signals') },
    stdio: 'ignore',
  });
  const ran = await stampOf(stamp);
  await new Promise((resolve) => {
    child.once('exit', resolve);
    if (child.exitCode !== null) resolve(null);
  });
  return ran - began;
}
