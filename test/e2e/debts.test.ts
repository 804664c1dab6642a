import { describe, expect, it } from 'vitest';

import type { LocalController } from '../support/in-process.ts';
import { githubWith, NO_LIMITS, openLocal, ShiftedClock } from '../support/in-process.ts';
import { createHeldJobs, NIX, untilBusy } from '../support/jobs.ts';
import { instanceProcesses, killProcess } from '../support/processes.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** How long a registration is left alone after its container's end, and more than the first waits between tries. */
const LATER = 31_000;

async function open(stage: Stage, clock: ShiftedClock): Promise<LocalController> {
  return openLocal(stage, { clock, github: githubWith(stage.config(), NO_LIMITS, clock) });
}

function powerCut(stage: Stage): void {
  for (const { pid } of instanceProcesses(stage.stateDir)) killProcess(pid);
}

/** Waits for the debt and puts the clock to where it is due. */
async function untilDue(controller: LocalController, clock: ShiftedClock): Promise<void> {
  await controller.until('the debt', ({ debts: [debt] }) => debt?.reason === 'GitHub lists it still');
  clock.shift(LATER);
}

describe('a registration that outlives its container', SLOW, () => {
  it.concurrent('is a debt while GitHub calls its dead runner busy, and blocks nothing', async () => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '1', SUBNETS: '192.168.231' } });
    const clock = new ShiftedClock();
    await using controller = await open(stage, clock);
    createHeldJobs(stage, 1);
    const [runnerName = ''] = await untilBusy(controller, 1);
    powerCut(stage);
    await controller.until('its container to go', ({ active_containers: active }) => active.length === 0);
    await untilDue(controller, clock);
    const debt = await controller.until('a refusal', ({ debts: [one] }) =>
      one?.reason === 'GitHub refuses: busy' ? one : undefined,
    );
    const [runner] = stage.github.state().runners;
    expect(runner).toMatchObject({ name: runnerName, status: 'offline', busy: true });
    expect(debt).toMatchObject({ runner_name: runnerName, runner_id: runner?.id });
    expect(Date.parse(debt.next_try)).toBeGreaterThan(Date.parse(debt.since));

    const other = stage.github.createJob({ labels: NIX, script: 'true' });
    await stage.github.waitFor(({ jobs }) =>
      jobs.some(({ id, conclusion }) => id === other.jobId && conclusion === 'success'),
    );
    expect((await controller.status()).debts.map(({ runner_name }) => runner_name)).toContain(runnerName);

    stage.github.advance(11 * 60_000);
    clock.shift(LATER);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('goes at the first agreement, and survives a restart until then', async () => {
    await using stage = await openStage({ runner: { NEVER_CONNECT: '1' } });
    const clock = new ShiftedClock();
    const message = 'Runner "x" is currently running a job and cannot be deleted.';
    let runnerName = '';
    {
      await using controller = await open(stage, clock);
      const { jobId } = stage.github.createJob({ labels: NIX });
      await controller.until('its runner to start', ({ active_containers: [one] }) => {
        runnerName = one?.runner_name ?? '';
        return one?.phase === 'starting';
      });
      await until('its process', () => instanceProcesses(stage.stateDir).length > 0);
      stage.github.addFaults([{ method: 'DELETE', status: 422, message }]);
      powerCut(stage);
      stage.github.cancelJob(jobId);
      await controller.until('its container to go', ({ active_containers: active }) => active.length === 0);
      await controller.until('a refusal', ({ debts: [one] }) => one?.reason === 'GitHub refuses: busy');
    }
    await using next = await open(stage, clock);
    const [debt] = (await next.status()).debts;
    expect(debt).toMatchObject({ runner_name: runnerName, reason: 'GitHub refuses: busy' });
    stage.github.clearFaults();
    clock.shift(10 * 60_000);
    await next.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().counters).toMatchObject({ created: 1, deleted: 1, left: 0 });
  });
});
