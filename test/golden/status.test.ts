import { describe, expect, it } from 'vitest';

import { statusLines } from '../../src/cli/status-page.ts';
import { cellsOf } from '../../src/cli/terminal/cells.ts';
import type { Status } from '../../src/http/schema.ts';

const NOW = Date.parse('2026-11-20T12:16:30Z');

const QUIET: Status = {
  active_containers: [],
  max_concurrent: 7,
  poll_interval_seconds: 10,
  job_timeout_seconds: 7200,
  queue: [],
  debts: [],
  github: {
    last_poll: null,
    last_good_poll: null,
    ok: false,
    rate_limit: null,
    problems: [],
    requests: {
      last_hour: {
        sent: 0,
        counted: 0,
        not_modified: 0,
        by_purpose: { observation: 0, registration: 0, cleanup: 0 },
      },
    },
  },
  draining: false,
  version: '0.0.0',
  uptime_seconds: 0,
};

const BUSY: Status = {
  ...QUIET,
  active_containers: [
    {
      name: 'j1234567',
      job_id: 41_234_567_890,
      running_seconds: 145,
      class: 'default',
      phase: 'busy',
      since: '2026-11-20T12:00:00Z',
      runner_name: 'ci01-j1234567-7f2ak3x9',
      runner_id: 91,
      running_job_id: 41_234_567_890,
      subnet: '192.168.117.0/24',
      address: '192.168.117.2',
      system: null,
      deadline: '2026-11-20T14:00:00Z',
    },
    {
      name: 'j1234568a',
      job_id: 41_234_567_891,
      running_seconds: 0,
      class: 'large-with-a-long-name',
      phase: 'reserved',
      since: '2026-11-20T12:02:25Z',
      runner_name: 'ci01-j1234568a-7f2a11aa',
      runner_id: null,
      running_job_id: null,
      subnet: '192.168.118.0/24',
      address: '192.168.118.2',
      system: null,
      deadline: null,
    },
  ],
  queue: [
    {
      job_id: 41_234_567_891,
      repository: 'o/r',
      labels: ['self-hosted', 'large'],
      queued_at: '2026-11-20T12:02:24Z',
      waiting: { reason: 'starting', detail: 'j1234568a is reserved' },
    },
    {
      job_id: 41_234_567_999,
      repository: 'o/r',
      labels: ['self-hosted', 'gpu\u001B[31m'],
      queued_at: '2026-11-20T12:02:25Z',
      waiting: { reason: 'no-matching-class', detail: 'no class offers: gpu' },
    },
  ],
  debts: [
    {
      runner_name: 'ci01-j7654321-7f2a9d1c',
      runner_id: 77,
      since: '2026-11-20T11:00:00Z',
      reason: 'GitHub refuses: busy',
      next_try: '2026-11-20T12:05:00Z',
    },
  ],
  github: {
    last_poll: '2026-11-20T12:02:20Z',
    last_good_poll: '2026-11-20T12:02:10Z',
    ok: true,
    rate_limit: { limit: 5000, remaining: 4990, resets_at: '2026-11-20T13:00:00Z' },
    problems: [
      {
        scope: 'o/r',
        what: 'jobs of run 123',
        why: 'cannot list the jobs of run 123 of o/r: GitHub answers 502 "Server Error"',
        since: '2026-11-20T11:58:00Z',
      },
    ],
    requests: {
      last_hour: {
        sent: 412,
        counted: 9,
        not_modified: 403,
        by_purpose: { observation: 408, registration: 2, cleanup: 2 },
      },
    },
  },
  draining: true,
};

/** What anybody on the internet may write, and what a controller with much to do says. */
const HOSTILE: Status = {
  ...BUSY,
  active_containers: BUSY.active_containers.map((one) => ({
    ...one,
    class: '漢字のとても長いクラス名',
    runner_name: `${'長'.repeat(30)}-j1234567`,
    since: '2026-11-18T08:00:00Z',
  })),
  queue: [
    '漢字'.repeat(60),
    '🚀🧨💥'.repeat(20),
    'e\u0301'.repeat(120),
    `${'\u001B[2J\u001B]0;title\u0007'.repeat(3)}obeys`,
    '\u202Eright to left\u200D\u2028\tand\nlines',
  ].map((label, at) => ({
    job_id: 41_234_567_900 + at,
    repository: `${'o'.repeat(39)}/${'r'.repeat(100)}`,
    labels: ['self-hosted', label],
    queued_at: new Date(NOW - 10 ** (at + 3)).toISOString(),
    waiting: { reason: 'runner-version-refused', detail: `${label} is refused` },
  })),
};

/** A terminal of that width without colours; a pipe has no end. */
function screen(columns: number) {
  return { columns, paint: (_: unknown, text: string): string => text };
}

describe('the status page as text', () => {
  it.each([
    ['quiet', QUIET, Infinity],
    ['busy', BUSY, Infinity],
    ['busy-80', BUSY, 80],
    ['busy-140', BUSY, 140],
    ['hostile-80', HOSTILE, 80],
    ['hostile-140', HOSTILE, 140],
  ])('%s', async (name, status, columns) => {
    const lines = statusLines(status, NOW, screen(columns));
    expect(lines.filter((line) => cellsOf(line) > columns)).toEqual([]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`status/${name}.txt`);
  });

  it('has colours for what goes well and what does not, and few', async () => {
    const paint = (style: unknown, text: string): string => `<${String(style)}>${text}</>`;
    const degraded = { ...BUSY, github: { ...BUSY.github, ok: false } };
    const lines = statusLines(degraded, NOW, { columns: Infinity, paint });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('status/colours.txt');
  });
});
