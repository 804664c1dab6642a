import { describe, expect, it } from 'vitest';

import { githubWith, NO_LIMITS, openLocal } from '../support/in-process.ts';
import { FAILING, GENEROUS, queueJobs, wrongs } from '../support/load.ts';
import { openStage } from '../support/stage.ts';
import { until } from '../support/wait.ts';

const JOBS = 200;
const MOST = 20;
const PATIENCE = 600_000;

describe('two hundred jobs at once', () => {
  it(
    'all run once, never over the maximum, with theft and one request in twenty failing, and nothing is left',
    async () => {
      await using stage = await openStage({
        env: { MAX_CONCURRENT: String(MOST), LOG_LEVEL: 'warn' },
        switches: { ...GENEROUS, assign: 'theft' },
      });
      await using controller = await openLocal(stage, { github: githubWith(stage.config(), NO_LIMITS) });
      stage.github.addFaults(FAILING);
      queueJobs(stage.github, JOBS);
      let most = 0;
      await until(
        'every job to be over',
        () => {
          most = Math.max(most, controller.app.loop.state.instances.length);
          return stage.github.report().openJobs.length === 0;
        },
        PATIENCE,
      );
      await controller.untilQuiet(PATIENCE);
      await stage.untilNothingIsLeft();
      expect(most).toBe(MOST);
      const report = stage.github.report();
      expect(wrongs(report)).toEqual([]);
      expect(report.thefts.length).toBeGreaterThan(0);
      expect(report.requests.filter(({ faulted }) => faulted).length).toBeGreaterThan(JOBS / 20);
      const { jobs } = stage.github.state();
      expect(jobs.map(({ conclusion }) => conclusion)).toEqual(jobs.map(() => 'success'));
    },
    2 * PATIENCE,
  );
});
