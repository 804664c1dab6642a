import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { startController } from '../../support/controller.ts';
import { createHeldJobs, NIX, untilBusy } from '../../support/jobs.ts';
import { instanceProcesses } from '../../support/processes.ts';
import type { Stage } from '../../support/stage.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW, until } from '../../support/wait.ts';

interface Plan {
  readonly actions: readonly { readonly action: string; readonly name: string; readonly why: string }[];
  readonly holds: readonly { readonly job_id: number; readonly waiting: { readonly reason: string } }[];
  readonly github: { readonly ok: boolean; readonly unread: readonly string[] };
  readonly engine: { readonly ok: boolean; readonly why: string | null };
  readonly draining: boolean;
}

/** Every path below both directories, with what is in each file and when it was changed. */
async function everything(stage: Stage): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const root of [stage.stateDir, stage.runtimeDir]) {
    const names: string[] = await readdir(root, { recursive: true }).catch(() => []);
    for (const name of names.sort()) {
      const path = join(root, name);
      const { mtimeMs } = await stat(path);
      const text = await readFile(path, 'utf8').catch(() => 'no file');
      lines.push(`${path} ${mtimeMs} ${text}`);
    }
  }
  return lines;
}

/** The runners' process ids; their jobs start and end processes all the time. */
function runners(stage: Stage): readonly number[] {
  return instanceProcesses(stage.stateDir)
    .filter(({ cmdline }) => cmdline.includes('stand-in-runner'))
    .map(({ pid }) => pid);
}

async function planOf(stage: Stage): Promise<{ readonly code: number | null; readonly plan: Plan }> {
  const { code, stdout } = await stage.command(['plan', '--json']);
  return { code, plan: JSON.parse(stdout) as Plan };
}

describe('plan', SLOW, () => {
  it.concurrent('says what the first tick would do, on a host where nothing ever ran', async () => {
    await using stage = await openStage();
    const { jobId } = stage.github.createJob({ labels: NIX });
    const gpu = stage.github.createJob({ labels: ['self-hosted', 'gpu'] });
    const { code, plan } = await planOf(stage);
    expect(code).toBe(0);
    expect(plan).toMatchObject({
      actions: [
        { action: 'make', name: `j${String(jobId).slice(-7)}`, why: `for job ${jobId}, class default` },
      ],
      github: { ok: true, unread: [] },
      engine: { ok: true, why: null },
      draining: false,
    });
    expect(plan.holds.map(({ job_id, waiting }) => [job_id, waiting.reason])).toEqual([
      [jobId, 'starting'],
      [gpu.jobId, 'no-matching-class'],
    ]);
    expect(Object.keys(plan).sort()).toEqual(['actions', 'draining', 'engine', 'github', 'holds']);
    expect(await everything(stage)).toEqual([]);
    expect(stage.github.report().counters.created).toBe(0);
    expect(stage.github.report().requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.concurrent('changes nothing while a controller holds the lock and runs jobs', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    createHeldJobs(stage, 2);
    await untilBusy(controller, 2);
    await controller.end('SIGTERM');
    const before = await everything(stage);
    const pids = runners(stage);
    const { code, plan } = await planOf(stage);
    expect(code).toBe(0);
    expect(plan.actions).toEqual([]);
    expect(await everything(stage)).toEqual(before);
    expect(runners(stage)).toEqual(pids);

    await using again = await startController(stage);
    await untilBusy(again, 2);
    expect((await planOf(stage)).plan.actions).toEqual([]);
    expect((await again.health()).code).toBe(200);
  });

  it.concurrent('exit 1 when GitHub was not read, with why', async () => {
    await using stage = await openStage();
    stage.github.addFaults([{ status: 404 }]);
    const { code, plan } = await planOf(stage);
    expect(code).toBe(1);
    expect(plan.github.ok).toBe(false);
    expect(plan.github.unread.join('\n')).toContain('404');
    const words = await stage.command(['plan']);
    expect(words.code).toBe(1);
    expect(words.stdout).toContain('github: not read: ');
  });

  it.concurrent.each(['plan', 'cleanup runners'])('%s says that it waits for GitHub', async (name) => {
    await using stage = await openStage();
    {
      await using controller = await startController(stage);
      await controller.until('the first poll', ({ github }) => github.ok);
    }
    stage.github.addFaults([{ hang: true }]);
    await using command = stage.spawn(name.split(' '));
    await until('it to say so', () => command.stderr.includes('waiting for GitHub\n'));
    command.signal('SIGINT');
    expect(await command.ended).toMatchObject({ code: 1, signal: null });
    expect(command.stderr).not.toContain('    at ');
  });

  it.concurrent('exit 1 when the engine was not read, with why', async () => {
    await using stage = await openStage();
    await using controller = await startController(stage);
    await controller.end('SIGTERM');
    await stage.writeFile('state/instances', '');
    const { code, plan } = await planOf(stage);
    expect(code).toBe(1);
    expect(plan.engine.ok).toBe(false);
    expect(plan.engine.why).not.toBeNull();
  });
});
