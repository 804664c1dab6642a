import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { createHeldJobs, untilBusy } from '../support/jobs.ts';
import { instanceProcesses } from '../support/processes.ts';
import { Program, programPath } from '../support/program.ts';
import type { Stage } from '../support/stage.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** Runs `cleanup containers` on a terminal of its own (script(1)) and answers its question. */
async function onTerminal(
  stage: Stage,
  answer: string,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const command = `'${process.execPath}' '${programPath('main.ts')}' cleanup containers`;
  const env = { ...stage.env, TERM: 'dumb' };
  await using program = new Program(['script', '-qec', command, '/dev/null'], env, 'written-later');
  await until('the question', () => program.stdout.includes('[y/N]'));
  program.write(`${answer}\r`);
  const { code, stdout } = await program.ended;
  return { code, text: stdout };
}

describe('cleanup containers on a terminal', SLOW, () => {
  it.concurrent.each([
    ['no', 'n'],
    ['nothing', ''],
    ['another word', 'yess'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('does nothing when the answer is %s, exit 2', async (_, answer) => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    const before = await untilBusy(controller, 1);
    const { code, text } = await onTerminal(stage, answer);
    expect(code).toBe(2);
    expect(text).toContain('End 1 containers, 1 of them running, and take no new jobs? [y/N]');
    expect(text).toContain('nothing was done');
    expect(text).not.toContain('    at ');
    expect((await controller.status()).draining).toBe(false);
    expect(await untilBusy(controller, 1)).toEqual(before);
  });

  it.concurrent('acts when it is yes', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 1);
    await untilBusy(controller, 1);
    const { code, text } = await onTerminal(stage, 'y');
    expect(code).toBe(0);
    expect(text).toContain('no container of ours is left');
    expect(instanceProcesses(stage.stateDir)).toEqual([]);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });
});
