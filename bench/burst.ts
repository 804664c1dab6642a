import { startController } from '../test/support/controller.ts';
import { FAILING, queueJobs, wrongs } from '../test/support/load.ts';
import { BUILT } from '../test/support/program.ts';
import { openStage } from '../test/support/stage.ts';
import { until } from '../test/support/wait.ts';
import type { Found } from './report.ts';
import { median, quantile, rounded } from './report.ts';

const JOBS = 200;
const MOST = 20;
const PATIENCE = 900_000;

/** Two hundred jobs at once, theft on, one request in twenty failing, under GitHub's limits and our own. */
export async function burst(): Promise<Found> {
  await using stage = await openStage({
    main: BUILT,
    env: { MAX_CONCURRENT: String(MOST), POLL_INTERVAL: '10', LOG_LEVEL: 'info' },
    switches: { assign: 'theft', removalLagMs: 1_000 },
  });
  await using controller = await startController(stage);
  stage.github.addFaults(FAILING);
  queueJobs(stage.github, JOBS);
  const began = Date.now();
  let most = 0;
  await until(
    'every job to be over',
    async () => {
      most = Math.max(most, (await controller.status()).active_containers.length);
      return stage.github.report().openJobs.length === 0;
    },
    PATIENCE,
  );
  const seconds = rounded((Date.now() - began) / 1_000);
  await controller.untilQuiet(PATIENCE);
  await stage.untilNothingIsLeft();
  const settled = rounded((Date.now() - began) / 1_000);
  const report = stage.github.report();
  const waits = stage.github
    .state()
    .jobs.map(({ startedAt, createdAt }) => ((startedAt ?? Number.NaN) - createdAt) / 1_000);
  const found = [...wrongs(report), ...(most > MOST ? [`${most} containers at once`] : [])];
  const figures = {
    jobs: JOBS,
    seconds,
    settledSeconds: settled,
    most,
    requests: report.requestCount,
    failed: report.requests.filter(({ faulted }) => faulted).length,
    thefts: report.thefts.length,
    waitMedianSeconds: rounded(median(waits)),
    waitP95Seconds: rounded(quantile(waits, 0.95)),
    wrongs: found,
  };
  return {
    figures,
    lines: [
      `${JOBS} jobs, at most ${most} of ${MOST} at once: ${seconds} s, nothing left after ${settled} s`,
      `requests ${figures.requests}, failed ${figures.failed}; thefts ${figures.thefts}; wrong: ${found.join('; ') || 'nothing'}`,
    ],
  };
}
