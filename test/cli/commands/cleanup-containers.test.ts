import { describe, expect, it } from 'vitest';

import { runMain } from '../../support/cli.ts';
import { startController } from '../../support/controller.ts';
import { createHeldJobs, NIX, untilBusy } from '../../support/jobs.ts';
import { instanceProcesses } from '../../support/processes.ts';
import type { Stage } from '../../support/stage.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW } from '../../support/wait.ts';

const CLEANUP = ['cleanup', 'containers', '--yes'];

function isEmpty(stage: Stage): boolean {
  return instanceProcesses(stage.stateDir).length === 0;
}

/** What is said at the start and the end of each. */
function expectDone(ended: { readonly code: number | null; readonly stdout: string }, service: string): void {
  const lines = ended.stdout.trim().split('\n');
  expect({ code: ended.code, first: lines[0], second: lines[1], last: lines.at(-1) }).toEqual({
    code: 0,
    first: 'draining: no new jobs are taken until runner-controller resume',
    second: service,
    last: 'no container of ours is left',
  });
}

describe('cleanup containers', SLOW, () => {
  it.concurrent('lets the service do it, running jobs included, and drains until resume', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 2);
    await untilBusy(controller, 2);
    const ended = await stage.command(CLEANUP);
    expectDone(ended, 'the service ends its containers');
    expect(isEmpty(stage)).toBe(true);
    stage.github.createJob({ labels: NIX });
    const { queue } = await controller.until('the next job to wait', (it) => it.queue.length > 0 && it);
    expect(queue[0]?.waiting.reason).toBe('draining');
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('works with the service down, and the next one tidies up', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 2);
    await untilBusy(controller, 2);
    await controller.end('SIGKILL');
    const ended = await stage.command(CLEANUP);
    expectDone(ended, 'the service does not answer; going on without it');
    expect(isEmpty(stage)).toBe(true);
    await using next = await startController(stage);
    await next.until('it to drain still', ({ draining }) => draining);
    await next.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('works with the service wedged', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    controller.program.signal('SIGSTOP');
    const ended = await stage.command(CLEANUP);
    expectDone(ended, 'the service does not answer; going on without it');
    expect(isEmpty(stage)).toBe(true);
    controller.program.signal('SIGCONT');
    await controller.until(
      'it to know',
      ({ draining, active_containers: active }) => draining && active.length === 0,
    );
    await stage.untilNothingIsLeft();
  });

  it.concurrent.each([
    ['hangs', { hang: true }],
    ['answers 500', { status: 500 }],
    ['refuses the token', { status: 401 }],
  ] as const)('works when GitHub %s and the service is down', async (_, fault) => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    await controller.end('SIGKILL');
    stage.github.addFaults([fault]);
    const ended = await stage.command(CLEANUP);
    expectDone(ended, 'the service does not answer; going on without it');
    expect(ended.stderr).toContain('not deregistered');
    expect(isEmpty(stage)).toBe(true);
  });

  it.concurrent('works when the ledger cannot be read, and leaves it as it was', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    await controller.end('SIGKILL');
    await stage.writeFile('state/state.json', '{"version":99}');
    const ended = await stage.command(CLEANUP);
    expectDone(ended, 'the service does not answer; going on without it');
    expect(ended.stderr).toMatch(/^warning: /);
    expect(isEmpty(stage)).toBe(true);
  });

  it.concurrent('does nothing without --yes where there is nobody to ask, exit 2', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    const before = await untilBusy(controller, 1);
    const ended = await stage.command(['cleanup', 'containers'], {}, { text: 'y\n' });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('--yes');
    expect((await controller.status()).draining).toBe(false);
    expect(await untilBusy(controller, 1)).toEqual(before);
  });

  it.concurrent('--dry-run says what would end, and does nothing', async () => {
    await using stage = await openStage();
    expect(await runMain(['cleanup', 'containers', '--dry-run'], stage.env)).toMatchObject({
      code: 0,
      stdout: 'no container of ours exists\n',
    });
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    const before = await untilBusy(controller, 1);
    const [one] = (await controller.status()).active_containers;
    const ended = await stage.command(['cleanup', 'containers', '--dry-run']);
    expect(ended).toMatchObject({ code: 0, stdout: `would destroy ${one?.name} (running)\n`, stderr: '' });
    expect((await controller.status()).draining).toBe(false);
    expect(await untilBusy(controller, 1)).toEqual(before);
  });

  it.concurrent('finds nothing to do where nothing ever ran', async () => {
    await using stage = await openStage();
    const ended = await stage.command(CLEANUP);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('no container of ours is left');
  });
});
