/**
 * Figures that the contract asks for: what fails holds up nothing else. Each row bears the number of the finding that it
 * shows. One that is marked `fails` is not mended yet, and whoever mends it takes the mark away. A4 and A6 need a host.
 */
import { describe, expect, it } from 'vitest';

import type { RunnerClass } from '../../src/core/policy.ts';
import { HOUR, MINUTE, runnerClass, SECOND } from '../support/builders.ts';
import { SLOW } from '../support/wait.ts';
import {
  CI,
  foreignRun,
  GPU,
  leaveIdle,
  longestWait,
  on,
  passingRun,
  poison,
  RARE,
  refuse,
  SLOWER,
  streamed,
} from './play.ts';
import { openVirtual, percentile, type VirtualRig } from './rig.ts';
import type { Behaviour } from './runner.ts';

/** The most tries of a class in a scope, whatever goes wrong there. */
const TRIES_AN_HOUR = 12;

describe('one that fails holds up no other', SLOW, () => {
  it.each([502, 404])(
    'A1: a run whose jobs are answered with %i for ever keeps no slot from a start that never comes online',
    async (status) => {
      const wait = (poisoned: boolean): Promise<number> =>
        on(
          {
            policy: { maxConcurrent: 1, startupTimeout: MINUTE },
            behaves: (_, made) => (made === 0 ? 'never-online' : 'well'),
          },
          async (rig) => {
            if (poisoned) poison(rig, status);
            const jobs = rig.queue(1);
            return longestWait(rig, jobs, 2 * MINUTE);
          },
        );
      expect(await wait(true)).toBeLessThanOrEqual(SLOWER * (await wait(false)));
    },
  );

  it.each([502, 404])('A1: nor does it degrade the health of all: %i', async (status) => {
    await using rig = openVirtual();
    poison(rig, status);
    await rig.run(2 * MINUTE);
    expect(rig.health()).toEqual([]);
  });

  it('A2: 500 open runs of others, one poisoned and one hanging, slow no job down', async () => {
    const wait = (others: number): Promise<number> =>
      on({}, async (rig) => {
        for (let n = 0; n < others; n += 1) foreignRun(rig);
        if (others > 0) {
          poison(rig, 502);
          rig.github.addFaults([{ path: `/runs/${foreignRun(rig)}/jobs`, hang: true }]);
        }
        await rig.run(30 * SECOND);
        return percentile(await streamed(rig, 4, 15 * SECOND), 95);
      });
    expect(await wait(500)).toBeLessThanOrEqual(SLOWER * (await wait(0)));
  });

  /** So many registrations whose containers a power cut took, and a controller that runs again. */
  const powerCut = async (rig: VirtualRig, lost: number, isLost: () => boolean): Promise<void> => {
    if (!(await rig.run(3 * MINUTE, isLost))) throw new Error(`there are no ${lost} runners`);
    rig.kill();
    rig.engine.loseAll();
    rig.start();
  };

  it('A3: 100 debts that GitHub refuses keep no new job waiting', async () => {
    const wait = (lost: number): Promise<number> =>
      on({ policy: { maxConcurrent: 100 } }, async (rig) => {
        const before = rig.queue(lost, { duration: HOUR, oneRun: true });
        await powerCut(rig, lost, () => rig.waits(before).every(Number.isFinite));
        await rig.run(10 * SECOND);
        const jobs = rig.queue(1);
        return longestWait(rig, jobs, MINUTE);
      });
    expect(await wait(100)).toBeLessThanOrEqual(SLOWER * (await wait(0)));
  });

  it('A3: and 100 that it does not refuse are gone within two minutes', async () => {
    await using rig = openVirtual({ policy: { maxConcurrent: 100 }, switches: { assign: 'nobody' } });
    const jobs = rig.queue(100, { oneRun: true });
    const listed = (): number => rig.github.report().runnersLeft.length;
    await powerCut(rig, 100, () => listed() === 100);
    for (const job of jobs) rig.github.cancelJob(job);
    await rig.run(2 * MINUTE, () => listed() === 0);
    expect(listed()).toBe(0);
  });

  it('A5: a repository that refuses registrations slows its neighbour down by a fifth at most', async () => {
    const wait = (refused: boolean): Promise<number> =>
      on({ scopes: ['o/a', 'o/b'] }, async (rig) => {
        if (refused) refuse(rig);
        rig.queue(5, { repo: 'o/a' });
        return percentile(await streamed(rig, 7, 15 * SECOND, { repo: 'o/b' }), 50);
      });
    expect(await wait(true)).toBeLessThanOrEqual(SLOWER * (await wait(false)));
  });

  it('A5: and is tried 12 times an hour at most, however many of its jobs wait', async () => {
    await using rig = openVirtual({ scopes: ['o/a', 'o/b'], policy: RARE });
    refuse(rig);
    rig.queue(5, { repo: 'o/a' });
    for (let n = 0; n < 8; n += 1) {
      rig.queue(1, { repo: 'o/b' });
      await rig.run(2 * MINUTE);
    }
    expect(rig.containers(0, 'o/a')).toBeLessThanOrEqual(TRIES_AN_HOUR);
  });

  it.each([
    ['stays-after-job', 3 * MINUTE],
    ['stays-after-job-unsaid', 13 * MINUTE],
  ] as const)('A7: a container that outlives its job frees its slot: %s', async (behaviour, atMost) => {
    await using rig = openVirtual({
      policy: { maxConcurrent: 1, pollInterval: 20 * SECOND },
      behaves: (_, made) => (made === 0 ? behaviour : 'well'),
    });
    const jobs = rig.queue(2);
    expect(await longestWait(rig, jobs, atMost + MINUTE)).toBeLessThanOrEqual(atMost / SECOND);
  });

  it('A8: a runner that is busy by a 422 alone is asked again', async () => {
    await using rig = openVirtual({ policy: { maxConcurrent: 1, classes: [CI, GPU], ...RARE } });
    rig.github.addFaults([{ method: 'DELETE', path: '/runners/', status: 422, count: 1 }]);
    await leaveIdle(rig);
    await rig.run(MINUTE);
    rig.github.configure({ assign: 'random' });
    const jobs = rig.queue(1, { labels: GPU.labels });
    expect(await longestWait(rig, jobs, 12 * MINUTE)).toBeLessThanOrEqual((10 * MINUTE) / SECOND);
  });

  it('A8: and JOB_TIMEOUT does not count from that 422', async () => {
    const classes: readonly RunnerClass[] = [{ ...CI, jobTimeout: 30 * MINUTE }];
    await using rig = openVirtual({ policy: { classes, ...RARE } });
    rig.github.addFaults([{ method: 'DELETE', path: '/runners/', status: 422, count: 1 }]);
    await leaveIdle(rig);
    await rig.run(20 * MINUTE);
    rig.github.configure({ assign: 'random' });
    const jobs = rig.queue(1, { duration: 15 * MINUTE });
    await rig.finish(jobs, 20 * MINUTE);
    expect(rig.ends(jobs)).toEqual(['success']);
  });

  const triesOf = (behaviour: Behaviour): Promise<number> =>
    on({ policy: { pollInterval: MINUTE }, behaves: () => behaviour }, async (rig) => {
      rig.queue(1);
      await rig.run(HOUR);
      return rig.containers();
    });

  it('A9: a runner that never comes online is tried 12 times an hour at most', async () => {
    expect(await triesOf('never-online')).toBeLessThanOrEqual(TRIES_AN_HOUR);
  });

  it.each<Behaviour>(['leaves-with-0', 'leaves-with-1', 'dies-at-boot'])(
    'A9: and so is one that misbehaves in another way: %s',
    async (behaviour) => {
      expect(await triesOf(behaviour)).toBeLessThanOrEqual(TRIES_AN_HOUR);
    },
  );

  it.each(['create', 'start'] as const)(
    'A9: and so is a container that the host fails to %s',
    async (action) => {
      await using rig = openVirtual({ policy: { pollInterval: MINUTE } });
      rig.engine.fails = (what) => (what === action ? 'no' : null);
      rig.queue(1);
      await rig.run(HOUR);
      const { byPurpose } = rig.network.requests();
      expect(byPurpose['POST /repos/o/r/actions/runners/generate-jitconfig']).toBeLessThanOrEqual(
        TRIES_AN_HOUR,
      );
    },
  );

  it.each<Behaviour>(['leaves-with-0', 'leaves-with-1', 'dies-at-boot', 'never-online'])(
    'A9: and its job stands in the queue at every moment, with why: %s',
    async (behaviour) => {
      await using rig = openVirtual({ behaves: () => behaviour });
      const [job = 0] = rig.queue(1);
      await rig.run(MINUTE, () => rig.holds().length > 0);
      const missing: number[] = [];
      for (let second = 0; second < (15 * MINUTE) / SECOND; second += 1) {
        await rig.run(SECOND);
        const told = /^\d+ (starting|waiting-for-github|backing-off): ./u;
        if (!rig.holds().some((line) => line.startsWith(`${job} `) && told.test(line))) missing.push(second);
      }
      expect(missing).toEqual([]);
    },
  );

  it('A9: its jobs go to the next class that fits', async () => {
    const spare = runnerClass({ name: 'spare', max: 100 });
    await using rig = openVirtual({
      policy: { classes: [CI, spare], ...RARE },
      behaves: ({ className }) => (className === 'spare' ? 'well' : 'dies-at-boot'),
    });
    const jobs = rig.queue(3);
    expect(await longestWait(rig, jobs, 5 * MINUTE)).toBeLessThanOrEqual(MINUTE / SECOND);
  });

  it('A9: a short job that is stolen, listed late and told of by no hook is no failed start', async () => {
    await using rig = openVirtual({
      switches: {
        assign: 'theft',
        jobLagMs: 6 * SECOND,
        runnerListLagMs: 6 * SECOND,
        runnerStateLagMs: 6 * SECOND,
      },
      behaves: () => 'no-hooks',
    });
    for (let n = 0; n < 12; n += 1) {
      rig.queue(3, { duration: 2 * SECOND });
      await rig.run(15 * SECOND);
    }
    expect(rig.count('failed')).toBe(0);
  });

  it('A10: after 25 minutes in which GitHub gave out nothing every job begins within a minute', async () => {
    await using rig = openVirtual({ policy: { maxConcurrent: 10, ...RARE } });
    rig.github.configure({ assign: 'nobody' });
    const jobs = rig.queue(8);
    await rig.run(25 * MINUTE);
    rig.github.configure({ assign: 'random' });
    expect(await longestWait(rig, jobs, 3 * MINUTE)).toBeLessThanOrEqual((26 * MINUTE) / SECOND);
  });

  it('A11: runs of others do not spend the requests that our jobs need', async () => {
    await using rig = openVirtual({ policy: RARE, switches: { primaryLimit: 200 } });
    const jobs: number[] = [];
    for (let n = 1; n <= 120; n += 1) {
      passingRun(rig);
      if (n % 20 === 0) jobs.push(...rig.queue(1));
      await rig.run(30 * SECOND);
    }
    expect(await longestWait(rig, jobs, 5 * MINUTE)).toBeLessThanOrEqual((10 * MINUTE) / SECOND);
  });
});
