import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { instanceProcesses } from '../../support/processes.ts';
import { BUILT } from '../../support/program.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW, until } from '../../support/wait.ts';

/** Where the demo keeps its things, as its first line says. */
function dirOf(stdout: string): string {
  return /log is (\S+)\/log\.jsonl/.exec(stdout)?.[1] ?? 'not said';
}

describe('demo', SLOW, () => {
  it.concurrent("runs every job, tells each one's path, and leaves nothing", async () => {
    await using stage = await openStage({ main: BUILT });
    await using program = stage.spawn(['demo']);
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const lines = ended.stdout.trim().split('\n');
    expect(lines.at(-1)).toBe('left behind: nothing');
    expect(ended.stdout).toContain('Seconds after each job was queued:');
    expect(ended.stdout).toMatch(/nobody offers this .*held: no-matching-class: no class offers: gpu/);
    expect(ended.stdout).toMatch(/cancelled while queued .*cancelled/);
    expect(ended.stdout).toMatch(/\(made for another\)/);
    expect(ended.stdout.match(/^\d+ +matrix \(\d+\) .* success$/gm)).toHaveLength(9);
    expect(ended.stdout.match(/^\d+ +run again .* success$/gm)).toHaveLength(2);
    // No terminal: nothing is drawn over.
    expect(ended.stdout).not.toContain('\u001B');
    expect(existsSync(dirOf(ended.stdout))).toBe(false);
    expect(instanceProcesses(`${dirOf(ended.stdout)}/state`)).toEqual([]);
  });

  it.concurrent('--keep leaves its directory and says where; an interrupt ends it, exit 1', async () => {
    await using stage = await openStage({ main: BUILT });
    await using program = stage.spawn(['demo', '--keep', '--jobs', '12']);
    await until('a job to run', () => program.stdout.includes('running in'));
    program.signal('SIGINT');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.stdout).toContain(`kept: ${dirOf(ended.stdout)}`);
    expect(existsSync(`${dirOf(ended.stdout)}/log.jsonl`)).toBe(true);
    await rm(dirOf(ended.stdout), { recursive: true, force: true });
  });
});
