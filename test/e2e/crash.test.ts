import { describe, expect, it } from 'vitest';

import type { CrashPoint } from './crash-run.ts';
import { CRASH_RUN, crashRun } from './crash-run.ts';

const EFFECTS = 60;
const JOBS = 12;

/** Before the odd ones and after the even ones; the benchmark takes both. */
const POINTS: readonly CrashPoint[] = Array.from({ length: EFFECTS }, (_, at) => ({
  effect: at + 1,
  when: at % 2 === 0 ? 'before' : 'after',
}));

describe('kill -9 at each of the first sixty effects', CRASH_RUN, () => {
  it.concurrent.each(POINTS)(
    'settles, loses no job, runs none twice and leaves nothing: $when effect $effect',
    async (point) => {
      const { crashed, wrongs } = await crashRun(point, JOBS);
      expect({ crashed, wrongs }).toEqual({ crashed: true, wrongs: [] });
    },
  );
});
