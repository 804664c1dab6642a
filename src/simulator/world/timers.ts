import { assign, isIdle } from './assign.ts';
import type { Job, Runner } from './model.ts';
import { advanceRun, finishJob, withdrawOffers } from './runs.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How long a runner may take to start an offered job. */
const PICK_UP_MS = MINUTE;
/** How long a job's lock is valid after the runner was last heard of. */
const JOB_LOCK_MS = 10 * MINUTE;
/** How long a runner may take to obey a cancellation before GitHub ends the job itself. */
const CANCEL_MS = 5 * MINUTE;
const QUEUE_MS = DAY;

/** Does what is due by time alone, then offers jobs. Returns whether anything changed. */
export function passTime(world: World): boolean {
  let any = false;
  for (const runner of world.liveRunners) any = passRunner(world, runner) || any;
  for (const job of world.openJobs) any = passJob(world, job) || any;
  return assign(world) || any;
}

function passJob(world: World, job: Job): boolean {
  const { status } = job.timeline.current;
  const now = world.now();
  const stale = status === 'queued' && job.queuedAt !== null && now - job.queuedAt >= QUEUE_MS;
  const defiant = job.cancelRequestedAt !== null && now - job.cancelRequestedAt >= CANCEL_MS;
  if (!stale && !defiant) return false;
  if (stale) withdrawOffers(world, job);
  finishJob(
    world,
    job,
    'cancelled',
    stale ? 'waited 24 hours for a runner' : 'the runner did not obey in 5 minutes',
  );
  advanceRun(world, job.run);
  return true;
}

function passRunner(world: World, runner: Runner): boolean {
  const now = world.now();
  if (runner.spentAt !== null) {
    if (now - runner.spentAt < world.switches.removalLagMs) return false;
    world.removeRunner(runner, 'auto');
    return true;
  }
  if (runner.lostAt !== null) return passLost(world, runner, runner.lostAt);
  if (runner.session !== null && isSilent(world, runner)) {
    loseRunner(world, runner);
    return true;
  }
  if (runner.offer !== null && now - runner.offer.at >= PICK_UP_MS) {
    runner.offer = null;
    world.setRunner(runner, { busy: false });
    // The runner did not start its job in time, so it gets no other job until it is heard of again.
    loseRunner(world, runner);
    return true;
  }
  return passUnused(world, runner);
}

function passUnused(world: World, runner: Runner): boolean {
  const idleMs = world.now() - runner.idleSince;
  const { idleRemovalMs } = world.switches;
  const offlineTooLong =
    runner.timeline.current.status === 'offline' && idleMs >= (runner.ephemeral ? DAY : 14 * DAY);
  const idleTooLong = idleRemovalMs > 0 && isIdle(runner) && idleMs >= idleRemovalMs;
  if (!offlineTooLong && !idleTooLong) return false;
  world.removeRunner(runner, 'auto');
  return true;
}

/**
 * Whether a runner was not heard of for too long. It counts real time, so that moving the virtual clock loses none.
 */
function isSilent(world: World, runner: Runner): boolean {
  const { session } = runner;
  if (session === null || session.polls > 0 || runner.timeline.current.status === 'offline') return false;
  return Date.now() - session.heardAt >= world.switches.lostAfterMs;
}

/**
 * The runner's host died or its connection broke. It is offline, and a job keeps it busy until the job's lock runs
 * out.
 */
export function loseRunner(world: World, runner: Runner): void {
  if (runner.removal !== null) return;
  runner.idleSince = world.now();
  if (runner.job !== null) runner.lostAt ??= world.now();
  if (runner.timeline.current.status !== 'offline') world.setRunner(runner, { status: 'offline' });
}

function passLost(world: World, runner: Runner, lostAt: number): boolean {
  if (world.now() - lostAt < JOB_LOCK_MS) return false;
  const { job } = runner;
  if (job !== null) {
    finishJob(
      world,
      job,
      'failure',
      `The self-hosted runner lost communication with the server: ${runner.name}`,
    );
    advanceRun(world, job.run);
  }
  runner.job = null;
  runner.lostAt = null;
  runner.spentAt = world.now();
  return true;
}
