import { fileURLToPath } from 'node:url';

import { Api, logLines } from '../test/support/controller.ts';
import { GENEROUS, queueJobs, wrongs } from '../test/support/load.ts';
import { nodeProgram } from '../test/support/program.ts';
import { openStage } from '../test/support/stage.ts';
import { until } from '../test/support/wait.ts';
import { residentMegabytes } from './process-stat.ts';
import type { Found } from './report.ts';
import { rounded } from './report.ts';

const ENTRY = fileURLToPath(new URL('raised-limits.mjs', import.meta.url));
const WAVES = 5;
const JOBS_PER_WAVE = 200;
const TARGET = 150;
const PATIENCE = 600_000;

/** Resident memory of the controller while a thousand jobs go through it. */
export async function memory(): Promise<Found> {
  await using stage = await openStage({
    env: { MAX_CONCURRENT: '20', LOG_LEVEL: 'info' },
    switches: GENEROUS,
  });
  await using program = nodeProgram([ENTRY], stage.env);
  const url = await until('it to listen', () => {
    const line = logLines(program.stdout).find(({ msg }) => msg === 'listening');
    return line === undefined ? undefined : String(line['url']);
  });
  const api = new Api(url);
  const samples = [{ jobs: 0, megabytes: rounded(residentMegabytes(program.pid)) }];
  const began = Date.now();
  for (let wave = 1; wave <= WAVES; wave += 1) {
    queueJobs(stage.github, JOBS_PER_WAVE);
    await until('every job to be over', () => stage.github.report().openJobs.length === 0, PATIENCE);
    await api.untilQuiet(PATIENCE);
    await stage.untilNothingIsLeft(PATIENCE);
    samples.push({ jobs: wave * JOBS_PER_WAVE, megabytes: rounded(residentMegabytes(program.pid)) });
  }
  const seconds = rounded((Date.now() - began) / 1000);
  const last = samples.at(-1)?.megabytes ?? Number.NaN;
  const growth = rounded(last - (samples[2]?.megabytes ?? Number.NaN));
  return {
    figures: {
      samples,
      seconds,
      growthSince400: growth,
      targetMegabytes: TARGET,
      wrongs: wrongs(stage.github.report()),
    },
    lines: [
      `resident memory: ${samples.map(({ jobs, megabytes }) => `${megabytes} MB after ${jobs}`).join(', ')} (target ${TARGET})`,
      `growth from 400 to 1,000 jobs: ${growth} MB; the jobs took ${seconds} s`,
    ],
  };
}
