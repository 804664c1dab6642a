import { describe, expect, it } from 'vitest';

import { runMain } from '../support/cli.ts';
import { NIX } from '../support/jobs.ts';
import { openStage } from '../support/stage.ts';

/** Which of the lists fails first differs from run to run. */
function stable(text: string): string {
  return text.replaceAll(/the (waiting|queued|in_progress|newest) runs/g, 'the SOME runs');
}

describe('the plan as text', () => {
  it('nothing to do', async () => {
    await using stage = await openStage();
    const { stdout } = await runMain(['plan'], stage.env);
    await expect(stable(stdout)).toMatchFileSnapshot('plan/nothing.txt');
  });

  it('jobs to run, jobs at the maximum, jobs that nobody offers', async () => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '2' } });
    for (const id of [41_234_567_890, 41_234_567_891, 41_234_567_892]) {
      stage.github.createJob({ id, labels: NIX });
    }
    stage.github.createJob({ id: 41_234_567_999, labels: ['self-hosted', 'gpu\u001B[31m'] });
    const { stdout } = await runMain(['plan'], stage.env);
    await expect(stable(stdout)).toMatchFileSnapshot('plan/jobs.txt');
  });

  it('a GitHub that refuses the token', async () => {
    await using stage = await openStage();
    await stage.writeFile('token', 'ghp_notTheRightToken0123456789abcdefghi\n');
    const { code, stdout } = await runMain(['plan'], stage.env);
    expect(code).toBe(1);
    await expect(stable(stdout)).toMatchFileSnapshot('plan/unauthorized.txt');
  });
});
