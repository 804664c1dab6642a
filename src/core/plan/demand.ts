import { isRead } from '../known/problems.ts';
import type { Instance, Millis, ClaimedRunner } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Job } from '../observation.ts';
import type { Hold, Policy, WaitingReason } from '../policy.ts';
import { Capacity } from './capacity.ts';
import type { FoldedClass } from './classes.ts';
import { foldClasses, matcher } from './classes.ts';
import type { Observed } from './observed.ts';

/** A held job is tried again after this, whatever GitHub says of it. */
const GHOST_HELD: Millis = 3_600_000;
/** A job is held once so many instances that were made for it reached the idle time-out. */
const GHOST_STRIKES = 2;

/** A queued job, when we asked about it, and the classes that it may count for. */
interface QueuedJob {
  readonly job: Job;
  readonly asOf: Millis;
  readonly fits: readonly FoldedClass[];
}

/** What demand asks for: instances to make, instances that nobody needs, and why each other job waits. */
export interface Demand {
  readonly reserve: readonly Instance[];
  /** Reserved, starting and idle instances that no queued job needs, newest first. */
  readonly spare: readonly Instance[];
  readonly holds: readonly Hold[];
  /** Jobs whose hold is over: they count as demand again. */
  readonly release: readonly number[];
}

/**
 * Counts demand per class and scope against supply. GitHub gives a job to any idle runner that has its labels, so an
 * instance covers a job by number: first the one it was made for, then whichever is oldest.
 * Takes time linear in jobs and instances, times the few classes there are.
 */
export function demand(
  seen: Observed,
  policy: Policy,
  now: Millis,
  random: Random,
  unregistered: ReadonlySet<string>,
): Demand {
  const github = seen.github;
  const match = matcher(foldClasses(policy));
  const supply = new Supply(seen.state.instances.filter(({ name }) => !unregistered.has(name)));
  const capacity = new Capacity(seen, policy, now, random);
  const ghosts = new Map(seen.state.ghosts.map((ghost) => [ghost.jobId, ghost]));
  const reserve: Instance[] = [];
  const holds: Hold[] = [];
  const hold = (job: Job, reason: WaitingReason, detail: string): void => {
    holds.push({ job, reason, detail });
  };

  const queued: QueuedJob[] = [];
  for (const { job, asOf } of github.queued) {
    const { fits, why } = match(job);
    if (fits.length > 0) queued.push({ job, asOf, fits });
    else if (why !== null) hold(job, 'no-matching-class', why);
  }
  const wanted: QueuedJob[] = [];
  // Where a job names the runner, GitHub's list shows that job as in progress already: it is not counted twice.
  const claimed = seen.state.claimed.filter(({ runnerName }) => !github.byRunner.has(runnerName));
  for (const one of withoutClaimed(queued, claimed)) {
    const { job } = one;
    const ghost = ghosts.get(job.id);
    if (
      ghost !== undefined &&
      ghost.strikes >= GHOST_STRIKES &&
      ghost.runAttempt === job.runAttempt &&
      now - ghost.lastAt < GHOST_HELD
    ) {
      hold(job, 'waiting-for-github', `GitHub gave it to none of ${ghost.strikes} idle runners; held`);
    } else {
      wanted.push(one);
    }
  }

  const coveredBy = new Map<number, Instance>();
  for (const { job, fits } of wanted) {
    const own = supply.takeFor(job, fits);
    if (own !== null) coveredBy.set(job.id, own);
  }
  for (const { job, fits } of wanted) {
    const cover = coveredBy.get(job.id) ?? supply.takeAny(job, fits, (it) => capacity.inClass(it, job.scope));
    if (cover !== null) {
      if (cover.phase === 'idle') hold(job, 'waiting-for-github', `${cover.name} is idle and has its labels`);
      else hold(job, 'starting', `${cover.name} is ${cover.phase}`);
      continue;
    }
    const answer = capacity.reserve(job, fits);
    if ('instance' in answer) {
      reserve.push(answer.instance);
      hold(job, 'starting', `${answer.instance.name} is reserved`);
    } else hold(job, answer.reason, answer.detail);
  }
  for (const job of github.flickered) supply.takeAny(job, match(job).fits, () => false);

  holds.sort((a, b) => a.job.queuedAt - b.job.queuedAt || a.job.id - b.job.id);
  return { reserve, spare: supply.left(), holds, release: staleGhosts(seen, now) };
}

/** Instances that can still be given a job, per class and scope. */
class Supply {
  readonly #free: Set<Instance>;
  readonly #byJob = new Map<number, Instance>();
  readonly #byPool = new Map<string, Instance[]>();

  constructor(instances: readonly Instance[]) {
    const free = instances.filter(
      ({ phase }) => phase === 'reserved' || phase === 'starting' || phase === 'idle',
    );
    this.#free = new Set(free);
    for (const one of free) {
      this.#byJob.set(one.forJob, one);
      const pool = poolOf(one.className, one.scope);
      const others = this.#byPool.get(pool);
      if (others === undefined) this.#byPool.set(pool, [one]);
      else others.push(one);
    }
    // `pop` takes from the end: idle instances before starting ones before reserved ones, the oldest first.
    const rank = { idle: 2, starting: 1, reserved: 0, busy: 0, stopping: 0 } as const;
    for (const pool of this.#byPool.values())
      pool.sort((a, b) => rank[a.phase] - rank[b.phase] || b.since - a.since);
  }

  /** The instance that was made for this job, if it is still free and can serve it. */
  takeFor(job: Job, fits: readonly FoldedClass[]): Instance | null {
    const own = this.#byJob.get(job.id);
    if (own === undefined || !this.#free.has(own) || own.scope !== job.scope) return null;
    if (!fits.some(({ runnerClass }) => runnerClass.name === own.className)) return null;
    this.#free.delete(own);
    return own;
  }

  /** A free instance of the first class that has one, unless an earlier class has capacity for a new one. */
  takeAny(
    job: Job,
    fits: readonly FoldedClass[],
    hasCapacity: (fit: FoldedClass) => boolean,
  ): Instance | null {
    if (this.#free.size === 0) return null;
    for (const fit of fits) {
      const pool = this.#byPool.get(poolOf(fit.runnerClass.name, job.scope));
      for (let one = pool?.pop(); one !== undefined; one = pool?.pop()) {
        if (this.#free.delete(one)) return one;
      }
      if (hasCapacity(fit)) return null;
    }
    return null;
  }

  left(): readonly Instance[] {
    return [...this.#free].sort((a, b) => b.since - a.since);
  }
}

function poolOf(className: string, scope: string): string {
  return `${scope} ${className}`;
}

/**
 * The queued jobs less one for each runner that became busy and that GitHub has not named. Which job the runner got is
 * not known. It is taken to be a job of the run that its hook named, else the job that it was made for, else the
 * oldest one that it could have got.
 */
function withoutClaimed(
  queued: readonly QueuedJob[],
  claimed: readonly ClaimedRunner[],
): readonly QueuedJob[] {
  if (claimed.length === 0) return queued;
  const runs = new Set(claimed.map(({ runId }) => runId));
  const causes = new Set(claimed.map(({ forJob }) => forJob));
  const near = queued.filter(({ job }) => runs.has(job.runId) || causes.has(job.id));
  const gone = new Set<QueuedJob>();
  for (const one of claimed) {
    const could = (it: QueuedJob): boolean =>
      it.job.scope === one.scope &&
      !gone.has(it) &&
      it.fits.some((fit) => fit.runnerClass.name === one.className);
    const sameRun = near.filter((it) => it.job.runId === one.runId && could(it));
    const best =
      sameRun.find(({ job }) => job.id === one.forJob) ??
      sameRun[0] ??
      near.find((it) => it.job.id === one.forJob && could(it)) ??
      queued.find(could);
    if (best !== undefined) gone.add(best);
  }
  return queued.filter((it) => !gone.has(it));
}

/** Ghosts whose hold is over: no run has the job in that attempt, or it was held long enough. */
function staleGhosts(seen: Observed, now: Millis): readonly number[] {
  if (seen.state.ghosts.length === 0) return [];
  const { queued, scopes } = seen.github;
  const complete = [...scopes.values()].every(isRead);
  const attempts = new Map(queued.map(({ job }) => [job.id, job.runAttempt]));
  return seen.state.ghosts
    .filter(
      ({ jobId, runAttempt, lastAt }) =>
        now - lastAt >= GHOST_HELD || (complete && attempts.get(jobId) !== runAttempt),
    )
    .map(({ jobId }) => jobId);
}
