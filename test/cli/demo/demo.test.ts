import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';

import { logLines } from '../../support/controller.ts';
import { instanceProcesses } from '../../support/processes.ts';
import { BUILT } from '../../support/program.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW, until } from '../../support/wait.ts';

/** Where the controller's log is, as the demo says at first. Each demo here is given a place that goes with its stage. */
function logOf(stdout: string): string {
  return /log is (\S+)/.exec(stdout)?.[1] ?? 'not said';
}

describe('demo', SLOW, () => {
  it.concurrent("runs every job, tells each one's path, and leaves its log and nothing else", async () => {
    await using stage = await openStage({ main: BUILT });
    await using program = stage.spawn(['demo'], { TMPDIR: stage.dir });
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const log = logOf(ended.stdout);
    const lines = ended.stdout.trim().split('\n');
    expect(lines.slice(-2)).toEqual(['left behind: nothing', `the controller's log stays: ${log}`]);
    expect(ended.stdout).toContain('Seconds after each job was queued:');
    expect(ended.stdout).toMatch(/nobody offers this .* no class offers: gpu$/m);
    expect(ended.stdout).toMatch(/cancelled while queued .* cancelled$/m);
    expect(ended.stdout).toMatch(/\* made for another job/);
    expect(ended.stdout.match(/^\d+ +matrix \(\d+\) .* success$/gm)).toHaveLength(7);
    expect(ended.stdout.match(/^\d+ +run again .* success$/gm)).toHaveLength(2);
    // No terminal: nothing is drawn over.
    expect(ended.stdout).not.toContain('\u001B');
    expect(await readdir(dirname(log))).toEqual(['log.jsonl']);
    expect(instanceProcesses(`${dirname(log)}/state`)).toEqual([]);
  });

  it.concurrent('shows a failed job and a failed start, and where to read about it', async () => {
    await using stage = await openStage({ main: BUILT });
    await using program = stage.spawn(['demo', '--jobs', '12'], { TMPDIR: stage.dir });
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ +fails +j.* failure$/m);
    expect(stdout).toMatch(
      /^\d+ .* fails to boot  backing-off: .*exit status 1: this runner ends before it connects/m,
    );
    expect(stdout).toMatch(/^\d+ .* fails to boot  completed: cancelled$/m);
    const [, name = ''] = /^(j\d+) failed to start: died-starting, exit status 1: /m.exec(stdout) ?? [];
    expect(stdout).toContain(`grep ${name} ${logOf(stdout)}\n`);
    const told = logLines(readFileSync(logOf(stdout), 'utf8')).filter(({ container }) => container === name);
    expect(told).toContainEqual(
      expect.objectContaining({
        msg: 'container stopping',
        reason: 'died-starting',
        detail: expect.stringMatching(/^exit status 1: this runner ends before it connects/),
      }),
    );
  });

  it.concurrent('--keep leaves its directory and says where; an interrupt ends it, exit 1', async () => {
    await using stage = await openStage({ main: BUILT });
    await using program = stage.spawn(['demo', '--keep', '--jobs', '12'], { TMPDIR: stage.dir });
    await until('a job to run', () => program.stdout.includes('running in'));
    program.signal('SIGINT');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 1, signal: null });
    const log = logOf(ended.stdout);
    const lines = ended.stdout.trim().split('\n');
    expect(lines.slice(-2)).toEqual([`kept: ${dirname(log)}`, `the controller's log stays: ${log}`]);
    expect(existsSync(log)).toBe(true);
    expect(existsSync(`${dirname(log)}/config.json`)).toBe(true);
  });
});
