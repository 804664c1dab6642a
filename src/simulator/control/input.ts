import { z } from 'zod';

import { HttpFailure } from '../world/failure.ts';
import type { JobSpec } from '../world/model.ts';

/** What the control API accepts, over HTTP and as methods alike. */
const jobInput = z.strictObject({
  name: z.string().min(1).optional(),
  /** The YAML key; default: made from the name. */
  key: z.string().min(1).optional(),
  id: z.int().positive().optional(),
  labels: z.array(z.string()),
  /** Run by the runner with `/bin/sh -e`; default: sleeps for `duration`, then fails if the job asks for `fail-job`. */
  script: z.string().optional(),
  /** Seconds; only without a script. */
  duration: z.number().min(0).optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** Names or keys of other jobs of the run. */
  needs: z.array(z.string()).optional(),
  environment: z.string().min(1).optional(),
});

export const runInput = z.strictObject({
  /** Default: the first repository. */
  repo: z.string().optional(),
  event: z.string().optional(),
  jobs: z.array(jobInput).min(1).max(256),
  concurrency: z
    .union([
      z.string(),
      z.strictObject({
        group: z.string(),
        cancelInProgress: z.boolean().optional(),
        queue: z.literal('max').optional(),
      }),
    ])
    .optional(),
});

export const singleJobInput = jobInput.extend({ repo: z.string().optional() });

export type JobInput = z.infer<typeof jobInput>;
export type RunInput = z.infer<typeof runInput>;
export type SingleJobInput = z.infer<typeof singleJobInput>;

export const conclusionInput = z.enum(['success', 'failure', 'cancelled', 'skipped', 'timed_out', 'neutral']);

/** Parses input by a schema, or throws a 422 that says what is wrong. */
export function accept<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new HttpFailure(422, 'the control channel cannot read this', { details });
}

/** A job that asks for this label fails. */
const FAIL_JOB = 'fail-job';

function usualScript({ labels, duration }: JobInput): string {
  const work = duration === undefined ? 'true' : `sleep ${duration}`;
  const fails = labels.some((label) => label.toLowerCase() === FAIL_JOB);
  return fails
    ? `${work}; echo "this job fails because it asks for the label ${FAIL_JOB}" >&2; exit 1`
    : work;
}

/** Fills in what was left out, and refuses `needs` that name no job. */
export function specsOf(inputs: readonly JobInput[]): JobSpec[] {
  const specs = inputs.map((input, index): JobSpec => {
    const name = input.name ?? input.key ?? `job-${index + 1}`;
    return {
      name,
      key: input.key ?? (name.replaceAll(/[^\w-]+/gu, '-').replaceAll(/^-+|-+$/gu, '') || `job-${index + 1}`),
      labels: input.labels,
      script: input.script ?? usualScript(input),
      env: input.env ?? {},
      needs: input.needs ?? [],
      environment: input.environment ?? null,
      id: input.id ?? null,
    };
  });
  for (const spec of specs) {
    const missing = spec.needs.find(
      (need) => !specs.some((other) => other !== spec && (other.name === need || other.key === need)),
    );
    if (missing !== undefined)
      throw new HttpFailure(422, `job ${spec.name} needs ${missing}, which is no other job of the run`);
  }
  return specs;
}
