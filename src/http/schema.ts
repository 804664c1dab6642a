import { z } from 'zod';

import { PHASES } from '../core/model.ts';
import { WAITING_REASONS } from '../core/policy.ts';
import { HEALTH_REASONS } from '../core/view.ts';

/** RFC 3339, UTC. */
const time = z.iso.datetime();

/** One entry of `active_containers`. */
const containerSchema = z.strictObject({
  name: z.string(),
  job_id: z.int(),
  running_seconds: z.int().nonnegative(),
  class: z.string(),
  phase: z.enum(PHASES),
  since: time,
  runner_name: z.string(),
  runner_id: z.int().nullable(),
  running_job_id: z.int().nullable(),
  subnet: z.string(),
  address: z.string(),
  system: z.string().nullable(),
  deadline: time.nullable(),
});

/** One entry of `queue`. */
const queuedSchema = z.strictObject({
  job_id: z.int(),
  repository: z.string(),
  labels: z.array(z.string()),
  queued_at: time,
  waiting: z.strictObject({
    reason: z.enum(WAITING_REASONS),
    detail: z.string(),
  }),
});

const count = z.int().nonnegative();

/** The body of `GET /status`. */
export const statusSchema = z.strictObject({
  active_containers: z.array(containerSchema),
  max_concurrent: z.int(),
  poll_interval_seconds: z.number(),
  job_timeout_seconds: z.number(),
  queue: z.array(queuedSchema),
  debts: z.array(
    z.strictObject({
      runner_name: z.string(),
      runner_id: z.int().nullable(),
      since: time,
      reason: z.string(),
      next_try: time,
    }),
  ),
  github: z.strictObject({
    last_poll: time.nullable(),
    last_good_poll: time.nullable(),
    ok: z.boolean(),
    rate_limit: z.strictObject({ limit: z.int(), remaining: z.int(), resets_at: time }).nullable(),
    problems: z.array(z.strictObject({ scope: z.string(), what: z.string(), why: z.string(), since: time })),
    requests: z.strictObject({
      last_hour: z.strictObject({
        sent: count,
        counted: count,
        not_modified: count,
        by_purpose: z.strictObject({ observation: count, registration: count, cleanup: count }),
      }),
    }),
  }),
  draining: z.boolean(),
  version: z.string(),
  uptime_seconds: z.int().nonnegative(),
});

export type Status = z.infer<typeof statusSchema>;

/** The body of `GET /health`. */
export const healthSchema = z.union([
  z.strictObject({ status: z.literal('ok') }),
  z.strictObject({
    status: z.literal('degraded'),
    reasons: z.array(z.enum(HEALTH_REASONS)).min(1),
  }),
]);

export type Health = z.infer<typeof healthSchema>;

/** Bodies of the control socket's requests. */
export const stopRequest = z.strictObject({ name: z.string().max(64), now: z.boolean().default(false) });
export const noRequest = z.strictObject({}).default({});

/** What the control socket answers when it cannot do what was asked. */
export const errorSchema = z.object({ error: z.string() });
