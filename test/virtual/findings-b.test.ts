/**
 * Figures that the contract asks for: what changes under our feet. Each row bears the number of the finding that it shows.
 * One that is marked `fails` is not mended yet, and whoever mends it takes the mark away. B1, B6 and B7 need a host or a
 * second engine.
 */
import { describe, expect, it } from 'vitest';

import { LONGEST } from '../../src/core/backoff.ts';
import type { Millis } from '../../src/core/model.ts';
import { HOUR, MINUTE, runnerClass, SECOND } from '../support/builders.ts';
import { SLOW } from '../support/wait.ts';
import { byFigure, CI, leaveIdle, longestWait, on, RARE, SLOWER } from './play.ts';
import { openVirtual } from './rig.ts';

describe('what changes under our feet', SLOW, () => {
  it.fails(
    'B2: a runner with the old labels of its class covers no job for the new ones',
    byFigure(async () => {
      await using rig = openVirtual({ policy: { pollInterval: 20 * SECOND } });
      await leaveIdle(rig);
      await rig.stop();
      rig.github.configure({ assign: 'random' });
      const jobs = rig.queue(1, { labels: ['self-hosted', 'new'] });
      rig.start({ policy: { classes: [{ ...CI, labels: ['self-hosted', 'new'] }] } });
      expect(await longestWait(rig, jobs, 2 * MINUTE)).toBeLessThanOrEqual(45);
    }),
  );

  it.fails(
    'B3: a repository that was renamed is served under its old name',
    byFigure(async () => {
      await using rig = openVirtual();
      await rig.run(MINUTE);
      rig.github.renameRepo('o/r', 'o/new');
      const jobs = rig.queue(2, { repo: 'o/new' });
      expect(await longestWait(rig, jobs, 2 * MINUTE)).toBeLessThanOrEqual(60);
    }),
  );

  it.fails(
    'B3: at the same price',
    byFigure(async () => {
      await using rig = openVirtual({ policy: RARE });
      await rig.run(5 * MINUTE);
      const renamedAt = rig.time.now();
      rig.github.renameRepo('o/r', 'o/new');
      await rig.run(5 * MINUTE);
      const before = rig.network.requests().sent - rig.network.requests(renamedAt).sent;
      expect(rig.network.requests(renamedAt).sent).toBeLessThanOrEqual(SLOWER * before);
    }),
  );

  it.fails(
    'B3: and leaves nothing behind once it is configured under the new one',
    byFigure(async () => {
      await using rig = openVirtual({ policy: RARE });
      await leaveIdle(rig);
      await rig.stop();
      rig.github.renameRepo('o/r', 'o/new');
      rig.start({ scopes: ['o/new'] });
      await rig.run(10 * MINUTE);
      expect(rig.leftovers()).toEqual([]);
    }),
  );

  it.fails(
    'B4: a repository that was taken off the list, with the access to it, keeps no slot',
    byFigure(async () => {
      await using rig = openVirtual({ scopes: ['o/a', 'o/b'], policy: { maxConcurrent: 1, ...RARE } });
      await leaveIdle(rig, { repo: 'o/a' });
      await rig.stop();
      rig.github.configure({ assign: 'random' });
      rig.github.addFaults([{ path: '/repos/o/a/', status: 404 }]);
      const jobs = rig.queue(1, { repo: 'o/b' });
      rig.start({ scopes: ['o/b'] });
      expect(await longestWait(rig, jobs, 11 * MINUTE)).toBeLessThanOrEqual((10 * MINUTE) / SECOND);
    }),
  );

  it('B5: a wall clock that is set back an hour prolongs no limit of GitHub', async () => {
    await using rig = openVirtual();
    rig.github.addFaults([{ method: 'POST', limit: 'secondary', retryAfter: 60, count: 1 }]);
    const jobs = rig.queue(1);
    await rig.run(20 * SECOND);
    rig.skew = -HOUR;
    expect(await longestWait(rig, jobs, 4 * MINUTE)).toBeLessThanOrEqual(100);
  });

  it('B5: nor the cool-down of an effect that failed', async () => {
    await using rig = openVirtual({ policy: { maxConcurrent: 1 } });
    let failed = 0;
    rig.engine.fails = (what) => (what === 'destroy' && (failed += 1) === 1 ? 'busy' : null);
    const jobs = rig.queue(2);
    await rig.run(MINUTE, () => failed === 1);
    await rig.run(SECOND / 2);
    rig.skew = -HOUR;
    expect(await longestWait(rig, jobs, 4 * MINUTE)).toBeLessThanOrEqual(60);
  });

  it('B5: nor the back-off of a class', async () => {
    await using rig = openVirtual({ behaves: (_, made) => (made < 3 ? 'dies-at-boot' : 'well') });
    const jobs = rig.queue(1);
    await rig.run(5 * MINUTE, () => rig.containers() === 3);
    await rig.run(5 * SECOND);
    rig.skew = -HOUR;
    expect(await longestWait(rig, jobs, 4 * MINUTE)).toBeLessThanOrEqual(100);
  });

  it('B5: a clock that is set forward three hours ends no job', async () => {
    await using rig = openVirtual();
    const jobs = rig.queue(1, { duration: 2 * MINUTE });
    await rig.run(MINUTE);
    rig.skew = 3 * HOUR;
    await rig.finish(jobs, 10 * MINUTE);
    expect(rig.ends(jobs)).toEqual(['success']);
  });

  it('B5: clocks that jump by hours, forwards and back, end no job and delay none by more than a poll', async () => {
    const played = (jumps: readonly Millis[]) =>
      on({}, async (rig) => {
        const jobs: number[] = [];
        for (const jump of jumps) {
          jobs.push(...rig.queue(2, { duration: 90 * SECOND }));
          await rig.run(3 * SECOND);
          rig.skew = jump;
          await rig.run(40 * SECOND);
        }
        await rig.finish(jobs, 10 * MINUTE);
        return { ends: new Set(rig.ends(jobs)), wait: Math.max(...rig.waits(jobs)) };
      });
    const jumps = [3 * HOUR, -5 * HOUR, 0, 24 * HOUR, -24 * HOUR, HOUR];
    const [still, jumped] = [await played(jumps.map(() => 0)), await played(jumps)];
    expect([...jumped.ends]).toEqual(['success']);
    expect(jumped.wait).toBeLessThanOrEqual(still.wait + 10);
  });

  it('B5: nor does one that was set while no controller ran, and a time-out comes when it is due', async () => {
    const jobTimeout = 10 * MINUTE;
    await using rig = openVirtual({ policy: { classes: [{ ...CI, jobTimeout }] } });
    const [short = 0] = rig.queue(1, { duration: 3 * MINUTE });
    const [endless = 0] = rig.queue(1, { duration: HOUR });
    for (const skew of [3 * HOUR, -5 * HOUR]) {
      await rig.run(MINUTE);
      await rig.stop();
      rig.skew = skew;
      rig.start();
    }
    await rig.finish([short, endless], HOUR);
    expect(rig.ends([short])).toEqual(['success']);
    const { executions } = rig.github.world.job(endless);
    const ranFor = rig.time.now() - (executions[0]?.startedAt ?? 0);
    expect(Math.abs(ranFor - jobTimeout)).toBeLessThan(90 * SECOND);
  });

  it.each([-24 * HOUR, 24 * HOUR])(
    'B5: after a boot with a wall clock that is wrong by %i no class backs off for longer than it may',
    async (skew) => {
      await using rig = openVirtual({ behaves: (_, made) => (made < 6 ? 'dies-at-boot' : 'well') });
      rig.queue(1);
      await rig.run(20 * MINUTE, () => rig.containers() === 6);
      await rig.run(5 * SECOND);
      rig.skew = skew;
      rig.reboot();
      const jobs = rig.queue(1);
      expect(await longestWait(rig, jobs, 10 * MINUTE)).toBeLessThanOrEqual(LONGEST / SECOND + 20);
    },
  );

  it('B8: with the host full, an idle runner that can serve a queued job is kept', async () => {
    const big = runnerClass({ name: 'big', labels: ['self-hosted', 'ci', 'big'], max: 100 });
    await using rig = openVirtual({ policy: { maxConcurrent: 2, classes: [CI, big] } });
    rig.queue(1, { duration: HOUR });
    await rig.run(MINUTE);
    await leaveIdle(rig, { labels: ['self-hosted', 'big'] });
    rig.queue(1);
    await rig.run(2 * MINUTE);
    expect(rig.count('stop', (change) => change.kind === 'stop' && change.reason === 'not-needed')).toBe(0);
  });

  const burst = async (lag: Millis): Promise<number> =>
    on(
      {
        policy: { maxConcurrent: 50 },
        switches: { jobLagMs: lag, runnerListLagMs: lag, runnerStateLagMs: lag },
      },
      async (rig) => {
        await rig.finish(rig.queue(50, { oneRun: true }), 5 * MINUTE);
        return rig.containers();
      },
    );

  it('B9: a burst of 50 makes 51 containers at most, with lists that are 3 s late', async () => {
    expect(await burst(3 * SECOND)).toBeLessThanOrEqual(51);
  });

  it('B9: and with lists that are 5 s late', async () => {
    expect(await burst(5 * SECOND)).toBeLessThanOrEqual(51);
  });
});
