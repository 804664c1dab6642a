import { describe, expect, it } from 'vitest';

import type { Job } from '../../../src/core/observation.ts';
import { openScripted } from '../../support/scripted-server.ts';
import type { ScriptedAnswer } from '../../support/scripted-server.ts';
import { clientOf, LeapingClock, readJobs, readRunners, readRuns } from '../support.ts';

const clock = new LeapingClock();

/** The jobs of run 5 as this answer says them. */
async function jobsOf(answer: ScriptedAnswer): Promise<readonly Job[]> {
  await using server = await openScripted(() => answer);
  return (await readJobs(clientOf(server.url, { clock }).github, 5)).jobs;
}

describe('what a decision can do without may be missing', () => {
  it('reads a job that says only who it is, what it asks and that it is queued', async () => {
    const answer = { body: { jobs: [{ id: 7, status: 'queued', labels: ['a'] }] } };
    expect(await jobsOf(answer)).toEqual([
      {
        id: 7,
        runId: 5,
        runAttempt: 1,
        repository: 'o/r',
        scope: 'o/r',
        status: 'queued',
        labels: ['a'],
        queuedAt: clock.wall(),
        runnerName: null,
      },
    ]);
  });

  it('takes a status that it does not know for one that waits', async () => {
    const answer = { body: { jobs: [{ id: 7, status: 'action_required', labels: ['a'] }] } };
    expect(await jobsOf(answer)).toMatchObject([{ id: 7, status: 'held' }]);
  });

  it('reads JSON whose content type does not say so', async () => {
    const body = '{"jobs":[{"id":7,"status":"queued","labels":["a"]}]}';
    expect(await jobsOf({ body, headers: { 'content-type': 'text/plain' } })).toMatchObject([{ id: 7 }]);
  });

  it('reads a run that says only who it is', async () => {
    await using server = await openScripted(() => ({
      body: { workflow_runs: [{ id: 5, status: null }] },
    }));
    const { runs } = await readRuns(clientOf(server.url).github);
    expect(runs).toMatchObject([{ id: 5, repository: 'o/r', scope: 'o/r' }]);
  });

  it('takes a runner that does not say whether it is busy for one that is not', async () => {
    await using server = await openScripted(() => ({
      body: { runners: [{ id: 3, name: 'x', status: 'online' }] },
    }));
    const { runners } = await readRunners(clientOf(server.url).github);
    expect(runners).toMatchObject([{ id: 3, online: true, busy: false }]);
  });
});
