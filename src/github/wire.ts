import { z } from 'zod';

/** Exactly what is read of GitHub's answers; whatever else is there is dropped. `z.int()` refuses unsafe integers. */

const id = z.int().positive();
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const runsPage = z.object({
  total_count: z.int().nonnegative(),
  workflow_runs: z.array(
    z.object({
      id,
      status: z.string().nullable(),
      repository: z.object({ full_name: z.string().min(1) }).nullish(),
    }),
  ),
});

export const jobsPage = z.object({
  total_count: z.int().nonnegative(),
  jobs: z.array(
    z.object({
      id,
      run_id: id,
      run_attempt: z.int().positive().optional(),
      status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']),
      created_at: time,
      labels: z.array(z.string()),
      /** Empty while nobody has the job, though the description says null. */
      runner_name: z.string().nullish(),
    }),
  ),
});

export const runnersPage = z.object({
  total_count: z.int().nonnegative(),
  runners: z.array(z.object({ id, name: z.string(), status: z.string(), busy: z.boolean() })),
});

export const jitConfig = z.object({
  runner: z.object({ id }),
  encoded_jit_config: z.string().min(1),
});

export const registrationToken = z.object({ token: z.string().min(1), expires_at: time });

export type WireRun = z.infer<typeof runsPage>['workflow_runs'][number];
export type WireJob = z.infer<typeof jobsPage>['jobs'][number];
export type WireRunner = z.infer<typeof runnersPage>['runners'][number];
