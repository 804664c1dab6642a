import { HttpFailure } from './failure.ts';
import type { Attempt, Conclusion, Concurrency, Job, JobSpec, JobStatus, Repo, Run } from './model.ts';
import type { World } from './world.ts';

/** The attempt of a run that is the newest one now. */
export function lastAttempt(run: Run): Attempt {
  return run.attempts.at(-1) as Attempt;
}

/** The jobs of the newest attempt. */
export function lastJobs(run: Run): Job[] {
  const { number } = lastAttempt(run);
  return run.jobs.filter((job) => job.attempt === number);
}

export function isOpen(run: Run): boolean {
  return lastAttempt(run).completedAt === null;
}

/** Starts a run, as far as its concurrency group allows. */
export function startRun(
  world: World,
  repo: Repo,
  specs: readonly JobSpec[],
  more: { event: string; concurrency: Concurrency | null },
): Run {
  const run = world.addRun(repo, specs, { ...more, held: false });
  enterGroup(world, run);
  advanceRun(world, run);
  world.changed();
  return run;
}

/** One run of a group runs, one waits (with `queueMax` any number); a newer one replaces the waiting one. */
export function enterGroup(world: World, run: Run): void {
  if (run.concurrency === null) return;
  const others = groupOf(world, run).filter((other) => other !== run && isOpen(other));
  if (!run.concurrency.queueMax) {
    for (const other of others) if (other.held) cancelRun(world, other, true);
  }
  if (run.concurrency.cancelInProgress) {
    for (const other of others) if (!other.held && isOpen(other)) cancelRun(world, other);
  }
  run.held = others.some(isOpen);
}

function groupOf(world: World, run: Run): Run[] {
  const group = run.concurrency?.group.toLowerCase();
  return [...world.runs.values()].filter(
    (other) =>
      other.repo === run.repo && group !== undefined && other.concurrency?.group.toLowerCase() === group,
  );
}

/** Makes the jobs whose time has come, and closes the run when all are done. Idempotent. */
export function advanceRun(world: World, run: Run): void {
  const attempt = lastAttempt(run);
  if (attempt.completedAt !== null) return;
  let again = true;
  while (again) {
    again = false;
    for (const spec of run.specs) again = advanceJob(world, run, attempt, spec) || again;
  }
  const jobs = lastJobs(run);
  if (jobs.length < run.specs.length || jobs.some((job) => job.timeline.current.status !== 'completed'))
    return;
  attempt.completedAt = world.now();
  releaseGroup(world, run);
}

/** Lets the oldest held run of a group start once no other run of it is active. */
function releaseGroup(world: World, run: Run): void {
  const open = groupOf(world, run).filter((other) => isOpen(other));
  const next = open.every((other) => other.held) ? open[0] : undefined;
  if (next === undefined) return;
  next.held = false;
  advanceRun(world, next);
}

/** Whether this changed anything. */
function advanceJob(world: World, run: Run, attempt: Attempt, spec: JobSpec): boolean {
  const jobs = lastJobs(run);
  const job = jobs.find((candidate) => candidate.spec === spec);
  const due = dueStatus(run, spec, jobs, job);
  if (job === undefined) {
    if (due === 'absent' && world.switches.needs === 'absent') return false;
    const status = due === 'absent' ? 'pending' : due === 'skipped' ? 'completed' : due;
    const skipped = due === 'skipped' ? ({ conclusion: 'skipped', completedAt: world.now() } as const) : {};
    world.addJob(run, attempt, spec, { status, ...skipped });
    return true;
  }
  const { status } = job.timeline.current;
  if ((status !== 'pending' && status !== 'waiting') || due === 'absent' || due === status) return false;
  if (due === 'skipped') finishJob(world, job, 'skipped');
  else world.setJob(job, { status: due, startedAt: world.now() });
  return true;
}

function dueStatus(
  run: Run,
  spec: JobSpec,
  jobs: readonly Job[],
  job: Job | undefined,
): 'absent' | 'skipped' | Exclude<JobStatus, 'completed' | 'in_progress'> {
  const needed = run.specs.filter(
    (other) => spec.needs.includes(other.name) || spec.needs.includes(other.key),
  );
  const states = needed.map((other) => jobs.find((candidate) => candidate.spec === other)?.timeline.current);
  if (states.some((state) => state?.status !== 'completed')) return 'absent';
  if (states.some((state) => state?.conclusion !== 'success')) return 'skipped';
  if (run.held) return 'pending';
  if (spec.environment !== null && job?.approved !== true) return 'waiting';
  return 'queued';
}

/** Ends a job. No other code sets `completed`. */
export function finishJob(world: World, job: Job, conclusion: Conclusion, note?: string): void {
  if (job.timeline.current.status === 'completed') return;
  job.note = note ?? null;
  world.setJob(job, { status: 'completed', conclusion, completedAt: world.now() });
}

/** What a deployment review does: waiting jobs may be queued. */
export function approveRun(world: World, run: Run, environment?: string): void {
  for (const job of lastJobs(run)) {
    if (environment === undefined || job.spec.environment === environment) job.approved = true;
  }
  advanceRun(world, run);
  world.changed();
}

/** Ends what no runner has; asks the runner of what runs. `force` does not wait for the runner. */
export function cancelRun(world: World, run: Run, force = false): void {
  if (!isOpen(run)) throw new HttpFailure(409, 'Cannot cancel a workflow run that is completed.');
  const attempt = lastAttempt(run);
  for (const job of lastJobs(run)) cancelJob(world, job, force);
  // Jobs that did not exist yet are made as cancelled ones.
  for (const spec of run.specs) {
    if (lastJobs(run).some((job) => job.spec === spec)) continue;
    world.addJob(run, attempt, spec, {
      status: 'completed',
      conclusion: 'cancelled',
      completedAt: world.now(),
    });
  }
  advanceRun(world, run);
  world.changed();
}

/** As a cancelled run does to one of its jobs. */
export function cancelJob(world: World, job: Job, force = false): void {
  const { status } = job.timeline.current;
  if (status === 'completed') return;
  if (status === 'in_progress' && !force) job.cancelRequestedAt ??= world.now();
  else {
    withdrawOffers(world, job);
    finishJob(world, job, 'cancelled');
  }
}

/** Withdraws the job from a runner that has not started it. */
export function withdrawOffers(world: World, job: Job): void {
  for (const runner of world.liveRunners) {
    if (runner.offer?.job !== job) continue;
    runner.offer = null;
    world.setRunner(runner, { busy: false });
  }
}
