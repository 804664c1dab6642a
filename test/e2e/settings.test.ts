import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { createHeldJobs, NIX, untilSuccess } from '../support/jobs.ts';
import { openStage, TOKEN } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

describe("settings that change a job's way", SLOW, () => {
  it.concurrent('REGISTRATION=token: the runner registers itself, and is found by its name', async () => {
    await using stage = await openStage({ env: { REGISTRATION: 'token' } });
    await using controller = await startController(stage);
    const jobs = createHeldJobs(stage, 3);
    await controller.until('every runner id to be known', ({ active_containers: active }) => {
      const known = active.filter(({ runner_id, phase }) => phase === 'busy' && runner_id !== null);
      return known.length === 3;
    });
    await jobs.release();
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const { requests, violations, counters } = stage.github.report();
    expect(violations).toEqual([]);
    expect(counters).toMatchObject({ created: 3, left: 0 });
    expect(requests.some(({ path }) => path.endsWith('/generate-jitconfig'))).toBe(false);
    // One token serves an hour.
    expect(requests.filter(({ path }) => path.endsWith('/registration-token'))).toHaveLength(1);
  });

  it.concurrent('two repositories: each job gets a runner of its own repository', async () => {
    await using stage = await openStage({ repos: ['o/a', 'o/b'], env: { GITHUB_REPO: '' } });
    const config = { scopes: [{ repo: 'o/a' }, { repo: 'o/b' }] };
    const file = await stage.writeFile('config.json', JSON.stringify(config));
    await using controller = await startController(stage, { RUNNER_CONTROLLER_CONFIG: file });
    for (const repo of ['o/a', 'o/b', 'o/b']) {
      stage.github.createJob({ repo, labels: NIX, script: `test "$GITHUB_REPOSITORY" = ${repo}` });
    }
    await untilSuccess(stage);
    const made = stage.github.state(true).runners.map(({ repository }) => repository);
    expect(made.sort()).toEqual(['o/a', 'o/b', 'o/b']);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });

  it.concurrent('a rotated token is used without a restart', async () => {
    const next = 'ghp_rotatedToken0123456789abcdefghijklmn';
    await using stage = await openStage({
      tokens: [
        { token: TOKEN, login: 'octo' },
        { token: next, login: 'rotated' },
      ],
    });
    await using controller = await startController(stage);
    await controller.until('GitHub to answer', ({ github }) => github.ok);
    await stage.writeFile('token', `${next}\n`);
    stage.github.createJob({ labels: NIX, script: 'true' });
    await stage.github.waitFor(({ jobs: [job] }) => job?.conclusion === 'success');
    await controller.untilQuiet();
    const logins = new Set(stage.github.report().requests.map(({ login }) => login));
    expect(logins).toEqual(new Set(['octo', 'rotated']));
    expect(JSON.stringify(controller.log)).not.toContain(next);
  });
});
