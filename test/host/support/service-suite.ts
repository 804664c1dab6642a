import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { remains } from './leaks.ts';
import { startController, startGithub } from './service.ts';
import { sh } from './shell.ts';
import type { RealEngine } from './stage.ts';
import { github, jobs, queueJobs, report, runners, status, UNIT, until } from './stage.ts';

/** Every job ran once, and in the end nothing is left on either side. */
async function settles(count: number, seconds: number): Promise<void> {
  await until(
    'every job has ended',
    seconds,
    jobs,
    (all) => all.length === count && all.every((job) => job.status === 'completed'),
  );
  await until('nothing is left on the machine', 240, remains, (left) => left.length === 0);
  // A refused debt is tried again after up to a minute by then; the contract gives it two.
  await until('no registration is left', 120, report, ({ runnersLeft }) => runnersLeft.length === 0);
  expect(await report()).toMatchObject({ ranTwice: [], neverRan: [], openJobs: [], violations: [] });
}

/** What the controller shows as a service of a machine, whose engine runs `many` jobs in a row. */
export function describeService(engine: RealEngine, many: number): void {
  describe(`the controller as a service, over ${engine}`, () => {
    it(`runs ${many} jobs through 7 slots, each once, and leaves nothing`, { timeout: 900_000 }, async () => {
      await startGithub(['--theft']);
      startController(engine);
      await queueJobs(many, 'sleep 0.2');
      await settles(many, 500);
      expect((await jobs()).every(({ conclusion }) => conclusion === 'success')).toBe(true);
      expect((await report()).thefts.length).toBeGreaterThan(0);
    });

    it('loses no job when it is killed at 20 moments', { timeout: 900_000 }, async () => {
      await startGithub(['--theft']);
      startController(engine);
      await queueJobs(30, 'sleep 1');
      for (let kills = 0; kills < 20; kills += 1) {
        // Moments that are spread over all stages of containers: the delays are of no one step's length.
        await delay(300 + ((kills * 337) % 900));
        sh(`systemctl kill --kill-whom=main --signal=KILL ${UNIT} || true`);
      }
      await settles(30, 500);
      expect((await jobs()).every(({ conclusion }) => conclusion === 'success')).toBe(true);
    });

    it('finds seven running jobs again after a restart', { timeout: 600_000 }, async () => {
      await startGithub();
      startController(engine);
      await queueJobs(7, 'until test -e /tmp/go; do sleep 0.5; done');
      await until(
        'seven jobs run',
        240,
        jobs,
        (all) => all.filter((job) => job.status === 'in_progress').length === 7,
      );
      const seen = await until('the controller has seen all of them', 240, status, (answer) =>
        answer.active_containers.every(({ phase }) => phase === 'busy'),
      );
      const before = seen.active_containers.map(({ name, runner_name }) => [name, runner_name]);
      sh(`systemctl restart ${UNIT}`);
      const after = await until(
        'it answers again',
        120,
        status,
        (answer) => answer.active_containers.length === 7,
      );
      expect(after.active_containers.map(({ name, runner_name }) => [name, runner_name])).toEqual(before);
      expect(after.active_containers.every(({ phase }) => phase === 'busy')).toBe(true);
      sh(`for name in $(machinectl list --no-legend | awk '{ print $1 }'); do
            touch "/proc/$(machinectl show "$name" --property Leader --value)/root/tmp/go"
          done`);
      await settles(7, 240);
      expect((await jobs()).every(({ conclusion }) => conclusion === 'success')).toBe(true);
    });

    it(
      'replaces containers whose power is cut before they have a job, and clears up after the others',
      { timeout: 900_000 },
      async () => {
        await startGithub();
        startController(engine);
        const template = engine === 'nspawn' ? 'runner-container' : 'container';
        await queueJobs(12, 'sleep 2');
        for (let cuts = 0; cuts < 5; cuts += 1) {
          await delay(200 + cuts * 450);
          const [unit = ''] = sh(
            `systemctl list-units --no-legend --plain --state=active,activating '${template}@*' | awk '{ print $1 }'`,
          )
            .split('\n')
            .slice(cuts % 3);
          if (unit !== '') sh(`systemctl kill --signal=KILL ${unit} || true`);
        }
        // GitHub gives a runner that it has lost ten minutes before it gives up the job.
        await until('only lost jobs are open', 240, jobs, (all) =>
          all.every(({ status: is }) => is === 'completed' || is === 'in_progress'),
        );
        await until('no container is left', 240, remains, (left) => left.length === 0);
        // No container is left, so whoever is busy is dead. Nobody says goodbye when the power goes, and how soon GitHub
        // misses a runner is not what this is about.
        for (const { id, busy } of await runners()) {
          if (busy) await github('POST', `runners/${id}/lose`);
        }
        await github('POST', 'clock', { advanceMs: 11 * 60_000 });
        await settles(12, 240);
        expect((await report()).runnersLeft).toEqual([]);
      },
    );

    it('clears everything with the service down and GitHub gone', { timeout: 600_000 }, async () => {
      await startGithub();
      startController(engine);
      await queueJobs(5, 'sleep 600');
      await until(
        'five jobs run',
        240,
        jobs,
        (all) => all.filter((job) => job.status === 'in_progress').length === 5,
      );
      sh(`systemctl stop ${UNIT}; ip link set fake0 down`);
      expect(remains().length).toBeGreaterThan(0);
      sh('set -a; . /run/runner-controller.env; node dist/main.js cleanup containers --yes || true');
      expect(remains()).toEqual([]);
      sh('ip link set fake0 up');
    });
  });
}
