import { isAnswering, lastGoodPoll, lastPoll, runsAsOf } from './known/freshness.ts';
import type { Known } from './known/known.ts';
import { problems } from './known/problems.ts';
import type { Instance, Millis, State, WallTime } from './model.ts';
import type { RateLimit, RequestCounts } from './observation.ts';
import { foldClasses, matcher } from './plan/classes.ts';
import { deadlineOf } from './plan/endings.ts';
import { freshFor } from './plan/observed.ts';
import type { Hold, Policy } from './policy.ts';
import { containerAddress, subnetCidr } from './subnets.ts';
import { wallAt } from './time/instant.ts';

/** What `/status` and `/health` are made from. */
export interface Moment {
  readonly now: Millis;
  /** What the wall clock says at `now`: all other times are shown as it has them. */
  readonly wall: WallTime;
  readonly startedAt: Millis;
  readonly state: State;
  readonly holds: readonly Hold[];
  readonly draining: boolean;
  readonly github: Known;
  /** When a tick last ended. */
  readonly lastTick: Millis | null;
  readonly engineReadable: boolean;
  readonly rateLimit: RateLimit | null;
  readonly requests: RequestCounts;
  readonly version: string;
}

/** RFC 3339 in whole seconds, UTC. */
export function iso(date: WallTime): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');
}

type Now = Pick<Moment, 'now' | 'wall'>;

/** A time of ours as the wall clock has it. */
function shown(at: Millis, { now, wall }: Now): string {
  return iso(wallAt(at, { monotonic: now, wall }));
}

function shownOrNull(at: Millis | null, now: Now): string | null {
  return at === null ? null : shown(at, now);
}

/** One instance as `/status` shows it. */
export function containerView(one: Instance, policy: Policy, moment: Now) {
  const { startedAt } = one.stages;
  return {
    name: one.name,
    job_id: one.forJob,
    running_seconds: startedAt === null ? 0 : Math.floor((moment.now - startedAt) / 1000),
    class: one.className,
    phase: one.phase,
    since: shown(one.since, moment),
    runner_name: one.runnerName,
    runner_id: one.runnerId,
    running_job_id: one.job?.id ?? null,
    subnet: subnetCidr(one.subnet),
    address: containerAddress(one.subnet),
    system: one.system,
    deadline: shownOrNull(deadlineOf(one, policy), moment),
  };
}

function holdView({ job, reason, detail }: Hold) {
  return {
    job_id: job.id,
    repository: job.repository,
    labels: [...job.labels],
    queued_at: iso(job.queuedAt),
    waiting: { reason, detail },
  };
}

/** The body of `GET /status`: contract section 4, every key always present. */
export function statusView(moment: Moment, policy: Policy) {
  const { state, now, rateLimit, requests } = moment;
  const holds = [...moment.holds].sort((a, b) => a.job.queuedAt - b.job.queuedAt || a.job.id - b.job.id);
  return {
    active_containers: state.instances.map((one) => containerView(one, policy, moment)),
    max_concurrent: policy.maxConcurrent,
    poll_interval_seconds: policy.pollInterval / 1000,
    job_timeout_seconds: policy.jobTimeout / 1000,
    queue: holds.map(holdView),
    debts: state.debts.flatMap(({ reason, ...debt }) =>
      reason === null
        ? []
        : [
            {
              runner_name: debt.runnerName,
              runner_id: debt.runnerId,
              since: shown(debt.since, moment),
              reason,
              next_try: shown(debt.nextTry, moment),
            },
          ],
    ),
    github: {
      last_poll: shownOrNull(lastPoll(moment.github), moment),
      last_good_poll: shownOrNull(lastGoodPoll(moment.github), moment),
      ok: isAnswering(moment.github, now),
      rate_limit:
        rateLimit === null
          ? null
          : {
              limit: rateLimit.limit,
              remaining: rateLimit.remaining,
              resets_at: iso(rateLimit.resetsAt),
            },
      problems: problems(moment.github, now).map(({ scope, what, why, since }) => ({
        scope,
        what,
        why,
        since: shown(since, moment),
      })),
      requests: {
        last_hour: {
          sent: requests.sent,
          counted: requests.counted,
          not_modified: requests.notModified,
          by_purpose: { ...requests.byPurpose },
        },
      },
    },
    draining: moment.draining,
    version: moment.version,
    uptime_seconds: Math.floor((now - moment.startedAt) / 1000),
  };
}

/** Contract section 4, a closed list. */
export const HEALTH_REASONS = [
  'github-poll-stale',
  'loop-stalled',
  'engine-unreadable',
  'ledger-unwritable',
  'nothing-starts',
  'isolation-missing',
] as const;
export type HealthReason = (typeof HEALTH_REASONS)[number];

/** How long nothing may start after a third failure in a row. */
const NOTHING_STARTS_AFTER: Millis = 600_000;

/** What is wrong now; empty is healthy. */
export function healthReasons(moment: Moment, policy: Policy): readonly HealthReason[] {
  const limit = freshFor(policy);
  const reasons: HealthReason[] = [];
  if (isStale(moment, limit)) reasons.push('github-poll-stale');
  if (moment.now - (moment.lastTick ?? moment.startedAt) > limit) reasons.push('loop-stalled');
  if (!moment.engineReadable) reasons.push('engine-unreadable');
  if (nothingStarts(moment, policy)) reasons.push('nothing-starts');
  return reasons;
}

/**
 * Whether a scope's runs, or its runners while something of it may be registered, were not read for too long. A single run
 * that cannot be read is no reason.
 */
function isStale({ now, startedAt, github, state }: Moment, limit: Millis): boolean {
  const inUse = new Set([...state.instances, ...state.debts].map(({ scope }) => scope));
  return [...github.scopes].some(([name, scope]) => {
    const isOld = (asOf: Millis | null): boolean => now - (asOf ?? startedAt) > limit;
    return isOld(runsAsOf(scope)) || (inUse.has(name) && isOld(scope.runners.age.askedAt));
  });
}

/** Whether jobs wait, and in none of the classes that could take them has one begun since it failed time and again. */
function nothingStarts({ now, state, holds }: Moment, policy: Policy): boolean {
  if (state.failures.length === 0) return false;
  const match = matcher(foldClasses(policy));
  const wanted = new Set(holds.flatMap(({ job }) => match(job).fits.map((it) => it.runnerClass.name)));
  return wanted.size > 0 && [...wanted].every((name) => startsNothing(state, name, now));
}

function startsNothing({ failures, given }: State, className: string, now: Millis): boolean {
  const lastGiven = Math.max(
    -Infinity,
    ...given.filter((it) => it.className === className).map(({ at }) => at),
  );
  return failures.some(
    (it) =>
      it.className === className &&
      it.thirdAt !== null &&
      it.thirdAt >= lastGiven &&
      now - it.thirdAt >= NOTHING_STARTS_AFTER,
  );
}
