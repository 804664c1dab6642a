import { setTimeout as sleep } from 'node:timers/promises';

import { startController } from '../test/support/controller.ts';
import { BUILT } from '../test/support/program.ts';
import { openStage } from '../test/support/stage.ts';
import { cpuSeconds, residentMegabytes } from './process-stat.ts';
import type { Found } from './report.ts';
import { rounded } from './report.ts';

const SECONDS = 60;
/** What starting up leaves to do is done by then. */
const SETTLE_SECONDS = 10;
const TARGET = 1;

/** Processor time of a controller with nothing to do, at the usual poll interval. */
export async function idle(): Promise<Found> {
  await using stage = await openStage({
    main: BUILT,
    env: { POLL_INTERVAL: '10', LOG_LEVEL: 'info' },
  });
  await using controller = await startController(stage);
  await controller.until('the first poll', ({ github }) => github.ok);
  await sleep(SETTLE_SECONDS * 1_000);
  const { pid } = controller.program;
  const before = cpuSeconds(pid);
  await sleep(SECONDS * 1_000);
  const percent = rounded(((cpuSeconds(pid) - before) / SECONDS) * 100, 2);
  const megabytes = rounded(residentMegabytes(pid));
  return {
    figures: { seconds: SECONDS, cpuPercent: percent, residentMegabytes: megabytes, targetPercent: TARGET },
    lines: [
      `idle over ${SECONDS} s at a 10 s poll: ${percent} % of a core (target ${TARGET}), ${megabytes} MB resident`,
    ],
  };
}
