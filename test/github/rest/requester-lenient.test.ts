import { describe, expect, it } from 'vitest';

import { openScripted } from '../../support/scripted-server.ts';
import type { ScriptedReply } from '../../support/scripted-server.ts';
import { clientOf, never } from '../support.ts';

/** A repository with one run of one job, as the replies say it. */
async function lookAt(
  jobs: ScriptedReply,
  runners: ScriptedReply = { body: { total_count: 0, runners: [] } },
) {
  const runs = { body: { workflow_runs: [{ id: 5, status: 'queued' }] } };
  await using server = await openScripted(({ url }) =>
    url.includes('/jobs?') ? jobs : url.includes('/runners') ? runners : runs,
  );
  return await clientOf(server.url).github.observe(never());
}

describe('what a decision can do without may be missing', () => {
  it('reads a job that says only who it is, what it asks and that it is queued', async () => {
    const look = await lookAt({ body: { jobs: [{ id: 7, status: 'queued', labels: ['a'] }] } });
    expect(look.unread).toEqual([]);
    expect(look.jobs).toMatchObject([
      { id: 7, runId: 5, runAttempt: 1, status: 'queued', queuedAt: look.askedAt, runnerName: null },
    ]);
  });

  it('takes a status that it does not know for one that waits', async () => {
    const look = await lookAt({ body: { jobs: [{ id: 7, status: 'action_required', labels: ['a'] }] } });
    expect(look.unread).toEqual([]);
    expect(look.jobs).toMatchObject([{ id: 7, status: 'held' }]);
  });

  it('reads JSON whose content type does not say so', async () => {
    const body = '{"jobs":[{"id":7,"status":"queued","labels":["a"]}]}';
    const look = await lookAt({ body, headers: { 'content-type': 'text/plain' } });
    expect(look.jobs).toMatchObject([{ id: 7 }]);
  });

  it('takes a runner that does not say whether it is busy for one that is not', async () => {
    const runners = { body: { runners: [{ id: 3, name: 'x', status: 'online' }] } };
    const look = await lookAt({ body: { jobs: [] } }, runners);
    expect(look.runners).toMatchObject([{ id: 3, online: true, busy: false }]);
  });
});

describe('polls are spaced by what they cost', () => {
  it('lets the next one wait until those before it are paid for', async () => {
    await using server = await openScripted(({ url }) => ({
      body: url.includes('/runners') ? { runners: [] } : { workflow_runs: [] },
    }));
    const slept: number[] = [];
    const clock = {
      boot: 'this-boot',
      now: () => 1_000_000,
      wall: () => 1_000_000,
      sleep: (ms: number) => {
        slept.push(ms);
        return Promise.resolve();
      },
    };
    const { github } = clientOf(
      server.url,
      { clock },
      { observationReadBurst: 8, observationReadsPerSecond: 2 },
    );
    await github.observe(never());
    expect(slept).toEqual([]);
    await github.observe(never());
    await github.observe(never());
    // 5 + 4 reads against a burst of 8: one is owed and one must be there, at two a second.
    expect(slept).toEqual([1_000]);
  });
});
