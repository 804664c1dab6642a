/** What holds today, for hours on end, and so what the other files of this folder can build on. */
import { expect, it } from 'vitest';

import { HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { openVirtual, percentile, type VirtualRig } from './rig.ts';

const MORE_THAN_ANY_MINUTE = 450;

it('a quiet half hour costs the first answers and no more', async () => {
  await using rig = openVirtual();
  await rig.run(30 * MINUTE);
  const { sent, counted, worstMinute } = rig.network.requests();
  // Three lists of runs and one of runners, and the newest runs without a filter.
  expect(counted).toBe(5);
  expect(sent).toBeGreaterThan(4 * 175);
  expect(worstMinute).toBeLessThan(30);
  expect([rig.health(), rig.leftovers(), rig.log.length]).toEqual([[], [], 1]);
});

it('20 jobs through 7 slots, each of them stolen, all run once', async () => {
  await using rig = openVirtual({ switches: { assign: 'theft' } });
  const jobs = rig.queue(20);
  expect(await rig.finish(jobs, 5 * MINUTE)).toBe(true);
  await rig.run(2 * MINUTE);
  expect(rig.ends(jobs)).toEqual(jobs.map(() => 'success'));
  expect([rig.containers(), rig.engine.peak]).toEqual([20, 7]);
  expect(percentile(rig.waits(jobs), 30)).toBeLessThan(6);
  expect(rig.leftovers()).toEqual([]);
  expect(rig.github.report().thefts.length).toBeGreaterThan(10);
  expect(rig.network.requests().worstMinute).toBeLessThan(MORE_THAN_ANY_MINUTE);
});

/** Something that happens to a controller while jobs wait, start and run, and when: each counts from the one before. */
interface Blow {
  readonly title: string;
  readonly moments: readonly number[];
  readonly strike: (rig: VirtualRig) => Promise<void>;
}

const BLOWS: readonly Blow[] = [
  {
    title: 'a restart',
    moments: [SECOND, 8 * SECOND],
    strike: async (rig) => {
      await rig.stop();
      await rig.run(20 * SECOND);
      rig.start();
    },
  },
  {
    title: 'a kill, and another in the middle of what follows',
    moments: [SECOND, 8 * SECOND],
    strike: async (rig) => {
      rig.kill();
      await rig.run(3 * SECOND);
      rig.start();
      await rig.run(333);
      rig.kill();
      rig.start();
    },
  },
  {
    title: 'ten minutes without GitHub',
    moments: [8 * SECOND],
    strike: async (rig) => {
      rig.github.addFaults([{ status: 503 }]);
      await rig.run(10 * MINUTE);
      rig.github.clearFaults();
    },
  },
  {
    title: 'ten minutes in which GitHub hangs and breaks off',
    moments: [8 * SECOND],
    strike: async (rig) => {
      rig.github.addFaults([{ hang: true, probability: 0.3 }, { reset: true }]);
      await rig.run(10 * MINUTE);
      rig.github.clearFaults();
    },
  },
];

it.each(BLOWS)('nothing is lost by $title', async ({ moments, strike }) => {
  await using rig = openVirtual({ policy: { pollInterval: 30 * SECOND } });
  const jobs = [...rig.queue(5), ...rig.queue(2, { duration: 3 * MINUTE })];
  for (const moment of moments) {
    await rig.run(moment);
    await strike(rig);
    jobs.push(...rig.queue(2));
  }
  expect(await rig.finish(jobs)).toBe(true);
  await rig.run(2 * MINUTE);
  expect(rig.ends(jobs)).toEqual(jobs.map(() => 'success'));
  expect(rig.leftovers()).toEqual([]);
  expect(rig.containers()).toBeLessThanOrEqual(jobs.length + 5);
});

it('a power cut takes the jobs that ran, and leaves nothing behind', async () => {
  await using rig = openVirtual({ policy: { pollInterval: 30 * SECOND } });
  const jobs = rig.queue(5, { duration: HOUR });
  await rig.run(MINUTE);
  rig.reboot();
  await rig.run(12 * MINUTE);
  expect(rig.ends(jobs)).toEqual(jobs.map(() => 'failure'));
  expect([rig.loop.state.instances, rig.loop.state.debts, rig.github.report().runnersLeft]).toEqual([
    [],
    [],
    [],
  ]);
});

it('an operator stops a container that runs a job, which ends as cancelled', async () => {
  await using rig = openVirtual();
  const jobs = rig.queue(1, { duration: HOUR });
  await rig.run(MINUTE);
  const [name = ''] = rig.loop.state.instances.map((one) => one.name);
  const answer = rig.operator.stop(name, false);
  await rig.run(MINUTE);
  expect([await answer, rig.ends(jobs)]).toEqual(['accepted', ['cancelled']]);
  expect(rig.leftovers()).toEqual([]);
});

it('the same seed plays the same hour', async () => {
  const played = async (): Promise<readonly string[]> => {
    await using rig = openVirtual({ seed: 5, switches: { assign: 'theft', jobLagMs: 2_000 } });
    rig.github.addFaults([{ probability: 0.1, status: 502 }]);
    await rig.finish(rig.queue(10), 10 * MINUTE);
    return rig.log;
  };
  expect(await played()).toEqual(await played());
});
