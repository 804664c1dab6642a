import type { CrashPoint, CrashRun } from '../test/e2e/crash-run.ts';
import { crashRun } from '../test/e2e/crash-run.ts';
import { compilePrograms } from '../test/support/programs.ts';
import type { Found } from './report.ts';
import { median, rounded } from './report.ts';

const EFFECTS = 60;
const JOBS = 20;
const AT_ONCE = 3;

/** `kill -9` before and after each of the first sixty effects. */
export async function crash(): Promise<Found> {
  await compilePrograms();
  const points: CrashPoint[] = Array.from({ length: EFFECTS }, (_, at) => at + 1).flatMap((effect) => [
    { effect, when: 'before' },
    { effect, when: 'after' },
  ]);
  const runs: CrashRun[] = [];
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) {
      runs.push(await crashRun(point, JOBS));
    }
  });
  await Promise.all(lanes);
  const settled = runs.map(({ settledMs }) => settledMs / 1_000);
  const crashed = runs.filter((run) => run.crashed).length;
  const bad = runs.filter(({ wrongs }) => wrongs.length > 0);
  const figures = {
    runs: runs.length,
    crashed,
    medianSettledSeconds: rounded(median(settled)),
    longestSettledSeconds: rounded(Math.max(...settled)),
    bad,
  };
  return {
    figures,
    lines: [
      `${crashed} of ${runs.length} runs of ${JOBS} jobs killed at their effects 1 to ${EFFECTS}: ` +
        `settled after ${figures.medianSettledSeconds} s (median), ${figures.longestSettledSeconds} s at most; ` +
        `wrong: ${bad.length === 0 ? 'nothing' : JSON.stringify(bad)}`,
    ],
  };
}
