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
  return new RegExp(`-j${String(job.id).slice(-7)}[a-z]?-`, 'u').test(runner.name);
}

/**
 * Offers queued jobs, oldest first, to idle runners that have their labels. Which one is chance; with `theft`
 * it is rather one made for another job. Returns whether anything was offered.
 */
export function assign(world: World): boolean {
  const idle = new Set([...world.liveRunners].filter(isIdle));
  if (idle.size === 0) return false;
  const offered = new Set([...world.liveRunners].map((runner) => runner.offer?.job));
  let any = false;
  for (const job of world.openJobs) {
    if (job.timeline.current.status !== 'queued' || offered.has(job)) continue;
    const runner = choose(
      world,
      job,
      [...idle].filter((candidate) => serves(candidate, job)),
    );
    if (runner === undefined) continue;
    idle.delete(runner);
    runner.offer = { job, at: world.now() };
    world.setRunner(runner, { busy: true });
    any = true;
  }
  return any;
}

function choose(world: World, job: Job, candidates: readonly Runner[]): Runner | undefined {
  if (world.switches.assign === 'random') return pick(world.random, candidates);
  const foreign = candidates.filter((runner) => !isMadeFor(runner, job));
  const thief = pick(world.random, foreign);
  if (thief !== undefined || candidates.length === 0) return thief;
  return mayWaitForThief(world, job, candidates) ? undefined : pick(world.random, candidates);
}

/** Holding back pays only while another runner is on its way and somebody else wants this one. */
function mayWaitForThief(world: World, job: Job, own: readonly Runner[]): boolean {
  const since = Math.max(...own.map((runner) => runner.idleSince));
  if (world.now() - since >= world.switches.theftHoldMs) return false;
  const coming = [...world.liveRunners].some(
    (runner) => runner.sessionsOpened === 0 && !isMadeFor(runner, job) && serves(runner, job),
  );
  const rival = [...world.openJobs].some(
    (other) =>
      other !== job &&
      other.timeline.current.status === 'queued' &&
      own.some((runner) => serves(runner, other)),
  );
  return coming && rival;
}
