import { serves } from './labels.ts';
import type { Job, Runner } from './model.ts';
import { pick } from './random.ts';
import type { World } from './world.ts';

/** A runner that can be given a job right now. */
export function isIdle(runner: Runner): boolean {
  return (
    runner.session !== null &&
    runner.timeline.current.status === 'online' &&
    runner.offer === null &&
    runner.job === null &&
    runner.spentAt === null
  );
}

/** Whether the runner's name says that it was made because of this job. */
export function isMadeFor(runner: Runner, job: Job): boolean {
  return runner.madeFor === String(job.id).slice(-7);
}

/**
 * Offers queued jobs, oldest first, to idle runners that have their labels. The runner is chosen at random; with
 * `theft` it is one that was made for another job, if there is one, and with `nobody` there is none. Returns whether
 * anything was offered.
 */
export function assign(world: World): boolean {
  if (world.switches.assign === 'nobody') return false;
  const idle = new Set([...world.liveRunners].filter(isIdle));
  if (idle.size === 0) return false;
  const offered = new Set([...world.liveRunners].map((runner) => runner.offer?.job));
  const queued = new Set(
    [...world.openJobs].filter((job) => job.timeline.current.status === 'queued' && !offered.has(job)),
  );
  let any = false;
  for (const job of queued) {
    if (idle.size === 0) break;
    const candidates = [...idle].filter((runner) => serves(runner, job));
    const runner =
      world.switches.assign === 'theft'
        ? steal(world, job, candidates, queued)
        : pick(world.random, candidates);
    if (runner === undefined) continue;
    idle.delete(runner);
    queued.delete(job);
    runner.offer = { job, at: world.now() };
    world.setRunner(runner, { busy: true });
    any = true;
  }
  return any;
}

/** A runner that was made for another job; the job's own one only if no other waiting job could have it. */
function steal(
  world: World,
  job: Job,
  candidates: readonly Runner[],
  queued: ReadonlySet<Job>,
): Runner | undefined {
  const foreign = candidates.filter((runner) => !isMadeFor(runner, job));
  if (foreign.length > 0) return pick(world.random, foreign);
  const unwanted = candidates.filter(
    (runner) => ![...queued].some((other) => !isMadeFor(runner, other) && serves(runner, other)),
  );
  return pick(world.random, unwanted);
}
