import { HttpFailure } from './failure.ts';
import type { Attempt, Job, JobSpec, Run } from './model.ts';
import { advanceRun, enterGroup, isOpen, lastAttempt, lastJobs } from './runs.ts';
import type { World } from './world.ts';

/** Which jobs a re-run repeats: all, those that did not succeed, or one and what depends on it. */
export type RerunScope = 'all' | 'failed' | Job;

/**
 * Starts a new attempt of the run. Every job gets a new id, and those that are kept appear at once as completed copies.
 * The run's `created_at` does not change.
 */
export function rerun(world: World, run: Run, scope: RerunScope): void {
  if (isOpen(run)) throw new HttpFailure(403, 'The workflow run is already running');
  const before = lastJobs(run);
  const again = withDependents(run, chosen(before, scope));
  const attempt: Attempt = { number: lastAttempt(run).number + 1, startedAt: world.now(), completedAt: null };
  run.attempts.push(attempt);
  for (const old of before) {
    if (again.has(old.spec)) continue;
    world.addJob(run, attempt, old.spec, old.timeline.current);
  }
  enterGroup(world, run);
  advanceRun(world, run);
  world.changed();
}

function chosen(jobs: readonly Job[], scope: RerunScope): JobSpec[] {
  if (scope === 'all') return jobs.map((job) => job.spec);
  if (scope !== 'failed') return [scope.spec];
  return jobs.filter((job) => job.timeline.current.conclusion !== 'success').map((job) => job.spec);
}

function withDependents(run: Run, seeds: readonly JobSpec[]): ReadonlySet<JobSpec> {
  const found = new Set(seeds);
  let size = 0;
  while (size !== found.size) {
    size = found.size;
    for (const spec of run.specs) {
      const needed = run.specs.filter(
        (other) => spec.needs.includes(other.name) || spec.needs.includes(other.key),
      );
      if (needed.some((other) => found.has(other))) found.add(spec);
    }
  }
  return found;
}
