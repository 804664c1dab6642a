import { poolOf } from '../apply/draft.ts';
import type { Instance, Millis, ClaimedRunner } from '../model.ts';
import type { Random } from '../naming.ts';
import type { Job } from '../observation.ts';
import type { Hold, Policy, WaitingReason } from '../policy.ts';
import { leftText } from '../text.ts';
import { Capacity } from './capacity.ts';
import type { FoldedClass } from './classes.ts';
import { foldClasses, matcher } from './classes.ts';
import { gone, holder } from './holds.ts';
import type { Observed } from './observed.ts';

/** A queued job, and the classes that it may count for. */
interface QueuedJob {
  readonly job: Job;
  readonly fits: readonly FoldedClass[];
}

/** What is known of which job a runner got. */
type Claim = Pick<ClaimedRunner, 'className' | 'scope' | 'forJob' | 'runId'>;

/** One that is held because GitHub gives no jobs to its class and scope. */
interface Probe extends QueuedJob {
  readonly pool: string;
  readonly strikes: number;
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
  const heldOf = holder(seen.state, now);
  const reserve: Instance[] = [];
  const holds: Hold[] = [];
  const hold = (job: Job, reason: WaitingReason, detail: string): void => {
    holds.push({ job, reason, detail });
  };

  const queued: QueuedJob[] = [];
  for (const job of github.queued) {
    const { fits, why } = match(job);
    if (fits.length > 0) queued.push({ job, fits });
    else if (why !== null) hold(job, 'no-matching-class', why);
  }
  const wanted: QueuedJob[] = [];
  const probes: Probe[] = [];
  for (const one of withoutClaimed(queued, [...seen.state.claimed, ...mayHaveHadOne(seen, queued)])) {
    const held = heldOf(one.job);
    if (held === null) wanted.push(one);
    else if (held.kind === 'nobody') probes.push({ ...one, ...held });
    else {
      const left = leftText(held.until - now);
      hold(
        one.job,
        'waiting-for-github',
        `GitHub gave it to none of ${held.strikes} idle runners; held, tried again in ${left}`,
      );
    }
  }

  const coveredBy = new Map<number, Instance>();
  for (const { job, fits } of wanted) {
    const own = supply.takeFor(job, fits);
    if (own !== null) coveredBy.set(job.id, own);
  }
  const cover = (job: Job, { name, phase }: Instance): void => {
    if (phase === 'idle') hold(job, 'waiting-for-github', `${name} is idle and has its labels`);
    else hold(job, 'starting', `${name} is ${phase}`);
  };
  const make = (job: Job, fits: readonly FoldedClass[]): Instance | null => {
    const answer = capacity.reserve(job, fits);
    if ('instance' in answer) {
      reserve.push(answer.instance);
      cover(job, answer.instance);
      return answer.instance;
    }
    hold(job, answer.reason, answer.detail);
    return null;
  };
  const find = (job: Job, fits: readonly FoldedClass[]): Instance | null =>
    supply.takeAny(job, fits, (fit) => capacity.hasRoom(job, fit));
  for (const { job, fits } of wanted) {
    const found = coveredBy.get(job.id) ?? find(job, fits);
    if (found === null) make(job, fits);
    else cover(job, found);
  }

  const probing = new Map<string, string>();
  for (const one of reserve) probing.set(poolOf(one), one.name);
  for (const { job, fits, pool, strikes } of probes) {
    const known = probing.get(pool);
    const found = known === undefined ? (supply.takeFor(job, fits) ?? find(job, fits)) : null;
    if (found !== null) {
      cover(job, found);
      probing.set(pool, found.name);
      continue;
    }
    const name = known ?? supply.anyIn(pool) ?? undefined;
    if (name === undefined) {
      const made = make(job, fits);
      if (made !== null) probing.set(pool, made.name);
    } else {
      const detail = `GitHub gave it to none of ${strikes} idle runners, nor any other job to its class; ${name} waits for the first`;
      hold(job, 'waiting-for-github', detail);
    }
  }
  for (const job of github.flickered) supply.takeAny(job, match(job).fits, () => false);

  holds.sort((a, b) => a.job.queuedAt - b.job.queuedAt || a.job.id - b.job.id);
  return { reserve, spare: supply.left(), holds, release: gone(seen) };
}

/** Instances that can still be given a job, per class and scope. */
class Supply {
  readonly #free: Set<Instance>;
  readonly #byJob = new Map<number, Instance>();
  readonly #byPool = new Map<string, Instance[]>();
  readonly #nameIn = new Map<string, string>();

  constructor(instances: readonly Instance[]) {
    const free = instances.filter(
      ({ phase }) => phase === 'reserved' || phase === 'starting' || phase === 'idle',
    );
    this.#free = new Set(free);
    for (const one of free) {
      this.#byJob.set(one.forJob, one);
      const pool = poolOf(one);
      this.#nameIn.set(pool, one.name);
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
      const pool = this.#byPool.get(poolOf({ className: fit.runnerClass.name, scope: job.scope }));
      for (let one = pool?.pop(); one !== undefined; one = pool?.pop()) {
        if (this.#free.delete(one)) return one;
      }
      if (hasCapacity(fit)) return null;
    }
    return null;
  }

  /** The name of one of this class and scope that waits for a job, whether or not it covers one; null: there is none. */
  anyIn(pool: string): string | null {
    return this.#nameIn.get(pool) ?? null;
  }

  left(): readonly Instance[] {
    return [...this.#free].sort((a, b) => b.since - a.since);
  }
}

/**
 * Runners that ended without a word while the job that they were made for went elsewhere: until GitHub is read after
 * their end they count as having had another one.
 */
function mayHaveHadOne({ state }: Observed, queued: readonly QueuedJob[]): readonly Claim[] {
  if (state.suspects.length === 0) return [];
  const ids = new Set(queued.map(({ job }) => job.id));
  return state.suspects
    .filter(({ forJob, reason }) => reason === 'exited-idle' && !ids.has(forJob))
    .map(({ className, scope, forJob }) => ({ className, scope, forJob, runId: null }));
}

/**
 * The queued jobs less one for each runner that became busy and that GitHub has not named. Which job the runner got is
 * not known. It is taken to be a job of the run that its hook named, else the job that it was made for, else the
 * oldest one that it could have got.
 */
function withoutClaimed(queued: readonly QueuedJob[], claimed: readonly Claim[]): readonly QueuedJob[] {
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
