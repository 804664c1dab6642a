import { z } from 'zod';

/**
 * The parts of GitHub's answers that are read; everything else is dropped. What no decision depends on may be
 * missing. `z.int()` refuses unsafe integers.
 */

const id = z.int().positive();
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const count = z.int().nonnegative().optional();

export const runsPage = z.object({
  total_count: count,
  workflow_runs: z.array(
    z.object({
      id,
      status: z.string().nullable(),
      run_attempt: z.int().positive().nullish(),
      /** Compared, and never read as a time. */
      updated_at: z.string().nullish(),
      repository: z.object({ full_name: z.string().min(1) }).nullish(),
    }),
  ),
});

const jobFields = {
  id,
  run_attempt: z.int().positive().nullish(),
  status: z.string(),
  created_at: time.nullish(),
  started_at: time.nullish(),
  labels: z.array(z.string()).default([]),
  /** Empty while nobody has the job, though the description says null. */
  runner_name: z.string().nullish(),
};

export const jobsPage = z.object({ total_count: count, jobs: z.array(z.object(jobFields)) });

/** One job by its id. */
export const job = z.object({ ...jobFields, run_id: id });

/** One registered runner. */
export const runner = z.object({
  id,
  name: z.string(),
  status: z.string(),
  busy: z.boolean().default(false),
});

export const runnersPage = z.object({ total_count: count, runners: z.array(runner) });

export const jitConfig = z.object({
  runner: z.object({ id }),
  encoded_jit_config: z.string().min(1),
});

export const registrationToken = z.object({ token: z.string().min(1), expires_at: time });

export type WireRun = z.infer<typeof runsPage>['workflow_runs'][number];
export type WireJob = z.infer<typeof jobsPage>['jobs'][number];
export type WireRunner = z.infer<typeof runnersPage>['runners'][number];
