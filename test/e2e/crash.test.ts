import { describe, expect, it } from 'vitest';

import type { CrashPoint } from '../support/crash.ts';
import { crashRun } from '../support/crash.ts';

const EFFECTS = 60;
const JOBS = 12;
const AT_ONCE = 4;

/** Before the odd ones and after the even ones; the benchmark takes both. */
const POINTS: readonly CrashPoint[] = Array.from({ length: EFFECTS }, (_, at) => ({
  effect: at + 1,
  when: at % 2 === 0 ? 'before' : 'after',
}));

describe('kill -9 at each of the first sixty effects', () => {
  const lanes = Array.from({ length: AT_ONCE }, (_, lane) => lane);

  it.concurrent.each(lanes)(
    'settles, loses no job, runs none twice and leaves nothing (part %i)',
    async (lane) => {
      for (const point of POINTS.filter(({ effect }) => effect % AT_ONCE === lane)) {
        const { crashed, wrongs } = await crashRun(point, JOBS);
        expect({ point, crashed, wrongs }).toEqual({ point, crashed: true, wrongs: [] });
      }
    },
    600_000,
  );
});
