import { describe, expect, it } from 'vitest';

import { statusLines } from '../../src/cli/commands/status.ts';
import type { Status } from '../../src/http/schema.ts';

const QUIET: Status = {
  active_containers: [],
  max_concurrent: 7,
  poll_interval_seconds: 10,
  job_timeout_seconds: 7200,
  queue: [],
  debts: [],
  github: { last_poll: null, ok: false, rate_limit: null },
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
    ok: true,
    rate_limit: { limit: 5000, remaining: 4990, resets_at: '2026-11-20T13:00:00Z' },
  },
  draining: true,
};

describe('the status page as text', () => {
  it.each([
    ['quiet', QUIET],
    ['busy', BUSY],
  ])('%s', async (name, status) => {
    await expect(`${statusLines(status).join('\n')}\n`).toMatchFileSnapshot(`status/${name}.txt`);
  });
});
