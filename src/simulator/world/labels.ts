import type { Job, Runner } from './model.ts';

/** GitHub compares labels without case; a runner may have more than the job asks for. */
export function covers(offered: readonly string[], wanted: readonly string[]): boolean {
  const have = new Set(offered.map((label) => label.toLowerCase()));
  return wanted.every((label) => have.has(label.toLowerCase()));
}

export function serves(runner: Runner, job: Job): boolean {
  return (
    runner.repo === job.run.repo &&
    covers(
      runner.labels.map((label) => label.name),
      job.spec.labels,
    )
  );
}
