import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { startController } from '../../support/controller.ts';
import { openStage } from '../../support/stage.ts';
import type { Stage } from '../../support/stage.ts';
import { SLOW } from '../../support/wait.ts';

interface Findings {
  readonly findings: readonly { readonly check: string; readonly level: string; readonly detail: string }[];
}

async function examine(stage: Stage, env: Record<string, string> = {}) {
  const { code, stdout } = await stage.command(['doctor', '--json'], env);
  const { findings } = JSON.parse(stdout) as Findings;
  return { code, levels: Object.fromEntries(findings.map(({ check, level }) => [check, level])), findings };
}

describe('doctor', SLOW, () => {
  it.concurrent('finds a host and a GitHub that will do, and makes nothing', async () => {
    await using stage = await openStage();
    const { code, levels } = await examine(stage);
    expect(levels).toMatchObject({
      config: 'ok',
      'jobs of o/r': 'ok',
      'runners of o/r': 'ok',
      clock: 'ok',
      'rate limit': 'ok',
      isolation: 'warn',
      service: 'warn',
    });
    expect(code).toBe(0);
    expect(existsSync(stage.stateDir)).toBe(false);
  });

  it.concurrent('sees the running service, and whether it drains', async () => {
    await using stage = await openStage();
    await using _controller = await startController(stage);
    expect((await examine(stage)).levels['service']).toBe('ok');
    await stage.command(['drain']);
    expect((await examine(stage)).levels['service']).toBe('warn');
  });

  it.concurrent('fails when the token may not read, and says what it needs', async () => {
    await using stage = await openStage();
    const file = await stage.writeFile('bad-token', 'ghp_notAToken\n');
    const { code, findings } = await examine(stage, { GITHUB_TOKEN_FILE: file });
    expect(code).toBe(1);
    const failed = findings.filter(({ level }) => level === 'fail');
    expect(failed.map(({ check }) => check)).toEqual(['jobs of o/r', 'runners of o/r']);
    expect(failed[0]?.detail).toMatch(/token/);
    expect(JSON.stringify(findings)).not.toContain('ghp_notAToken');
  });

  it.concurrent('prints a line for each: level, what, and what to do', async () => {
    await using stage = await openStage();
    const lines = (await stage.command(['doctor'])).stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^(ok|warn|fail) +[^:]+: ./.test(line))).toBe(true);
  });
});
