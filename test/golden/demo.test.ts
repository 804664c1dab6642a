import { describe, expect, it } from 'vitest';

import { pathLines, unusedLines } from '../../src/cli/demo/ending.ts';
import type { DemoJob } from '../../src/cli/demo/rows.ts';
import { jobRows, rowLines } from '../../src/cli/demo/rows.ts';
import { cellsOf } from '../../src/cli/terminal/cells.ts';
import type { Finished } from '../../src/core/model.ts';
import { NO_STAGES } from '../../src/core/model.ts';
import { HOUR, instance, NOW, runnerOf, job as queuedJob, state, WALL } from '../support/builders.ts';

const FIRST = 41_200_000_001;
const LOG = '/tmp/rc-demo-AbCdEf/log.jsonl';

function demoJob(at: number, over: Partial<DemoJob>): DemoJob {
  return {
    id: FIRST + at,
    runId: 1,
    attempt: 1,
    name: `matrix (${at + 1})`,
    repository: 'demo/hello',
    labels: ['self-hosted', 'linux'],
    status: 'queued',
    conclusion: null,
    runnerName: null,
    createdAt: WALL,
    startedAt: null,
    completedAt: null,
    cancelRequested: false,
    executions: 0,
    note: null,
    ...over,
  };
}

function over(at: number, name: string, conclusion: DemoJob['conclusion'] = 'success'): DemoJob {
  return demoJob(at, { status: 'completed', conclusion, runnerName: runnerOf(name) });
}

/** A container that is over, with a stage in each further quarter of a second. */
function finished(name: string, forJob: number, gone: Partial<Finished> = {}): Finished {
  const [reservedAt, startedAt, readyAt, onlineAt, busyAt, endedAt, goneAt] = [0, 1, 2, 3, 4, 7, 8].map(
    (quarters) => NOW + quarters * 250,
  );
  return {
    name,
    runnerName: runnerOf(name),
    className: 'linux',
    scope: 'demo/hello',
    forJob,
    job: null,
    reason: 'job-finished',
    detail: 'exit status 0',
    stages: {
      ...NO_STAGES,
      reservedAt: reservedAt ?? null,
      startedAt: startedAt ?? null,
      readyAt: readyAt ?? null,
      onlineAt: onlineAt ?? null,
      busyAt: busyAt ?? null,
      endedAt: endedAt ?? null,
      gone: goneAt ?? null,
    },
    ...gone,
  };
}

const JOBS: readonly DemoJob[] = [
  over(0, 'j0000002'),
  over(1, 'j0000001'),
  over(2, 'j0000003', 'failure'),
  demoJob(3, { status: 'completed', conclusion: 'cancelled', name: 'cancelled while queued' }),
  demoJob(4, { status: 'in_progress', runnerName: runnerOf('j0000005') }),
  demoJob(5, { labels: ['self-hosted', 'gpu'], name: 'nobody offers this' }),
  demoJob(6, { labels: ['self-hosted', 'fail-boot'], name: 'fails to boot' }),
  ...Array.from({ length: 8 }, (_, at) => demoJob(at + 7, {})),
];

const MOMENT = {
  now: NOW + HOUR,
  wall: WALL + HOUR,
  state: state({
    instances: [instance('j0000005', { phase: 'busy' })],
    finished: [
      finished('j0000001', FIRST),
      finished('j0000002', FIRST + 1),
      finished('j0000003', FIRST + 2),
      finished('j0000009', FIRST + 8, { reason: 'not-needed', stages: NO_STAGES }),
      ...[1, 2].map(() =>
        finished('j0000007', FIRST + 6, {
          reason: 'died-starting',
          detail: 'exit status 1',
          stages: NO_STAGES,
        }),
      ),
    ],
  }),
  holds: [
    {
      job: queuedJob(FIRST + 5),
      reason: 'no-matching-class' as const,
      detail: 'no class offers: gpu',
    },
    {
      job: queuedJob(FIRST + 6),
      reason: 'backing-off' as const,
      detail: 'next try in 4 s: exit status 1',
    },
    ...Array.from({ length: 7 }, (_, at) => ({
      job: queuedJob(FIRST + 7 + at),
      reason: 'host-at-capacity' as const,
      detail: '5 containers exist',
    })),
  ],
};

const paint = (_: unknown, text: string): string => text;

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

describe('the live table of the demo', () => {
  it.each([
    { columns: 80, rows: 24 },
    { columns: 140, rows: 50 },
    { columns: 80, rows: 10 },
    { columns: 40, rows: 24 },
  ])('$columns columns and $rows rows', async ({ columns, rows }) => {
    const lines = rowLines(jobRows(JOBS, MOMENT), { columns, rows, paint });
    expect(lines.length).toBeLessThan(rows);
    expect(lines.filter((line) => cellsOf(line) > columns)).toEqual([]);
    await expect(text(lines)).toMatchFileSnapshot(`demo/live-${columns}x${rows}.txt`);
  });
});

describe('what the demo says in the end', () => {
  it.each([80, 140, Infinity])('%d columns', async (columns) => {
    const screen = { columns, paint };
    const lines = [...pathLines(JOBS, MOMENT, screen), '', ...unusedLines(MOMENT, LOG, screen)];
    expect(lines.filter((line) => cellsOf(line) > columns)).toEqual([]);
    const name = Number.isFinite(columns) ? String(columns) : 'pipe';
    await expect(text(lines)).toMatchFileSnapshot(`demo/end-${name}.txt`);
  });
});
