import { assert, asyncProperty } from 'fast-check';
import { expect, it } from 'vitest';

import { SLOW } from '../support/wait.ts';
import { played, quarterHour } from './history.ts';

/** Always the same histories, because what is not mended yet must not fail here by chance; `VIRTUAL_SEED` hunts elsewhere. */
const SEED = Number(process.env['VIRTUAL_SEED'] ?? 1);
const HISTORIES = Number(process.env['VIRTUAL_HISTORIES'] ?? 3);

/** Points in a minute that the client allows itself; a restart forgets what was spent before. */
const POINTS = 2 * 450;

it(
  `any quarter of an hour: jobs wait little, containers are few and GitHub is spared (seed ${SEED})`,
  SLOW,
  async () => {
    const seen: number[] = [];
    const history = asyncProperty(quarterHour, async (given) => {
      const { jobs, wrong, median, longest, containers, odd, worstMinute } = await played(given);
      seen.push(jobs);
      expect(wrong).toEqual([]);
      // A poll, the lists' lag and a boot; and with a blow, that blow and a runner or two that misbehaved.
      expect(median).toBeLessThanOrEqual(20 + given.lag + 15);
      expect(longest).toBeLessThanOrEqual(3 * 60);
      expect(containers - odd).toBeLessThanOrEqual(jobs + given.blows.length);
      expect(worstMinute).toBeLessThanOrEqual(POINTS);
    });
    await assert(history, { numRuns: HISTORIES, seed: SEED, endOnFailure: true, includeErrorInReport: true });
    expect(Math.max(...seen)).toBeGreaterThan(5);
  },
);
