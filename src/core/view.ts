import type { Instance, Millis, State } from './model.ts';
import type { RateLimit, RequestCounts } from './observation.ts';
import { deadlineOf } from './plan/endings.ts';
import type { Hold, Policy } from './policy.ts';
import { containerAddress, subnetCidr } from './subnets.ts';

/** What `/status` and `/health` are made from. */
export interface Moment {
  readonly now: Millis;
  readonly startedAt: Millis;
  readonly state: State;
  readonly holds: readonly Hold[];
  readonly draining: boolean;
  readonly lastPoll: Millis | null;
  /** The newest poll was complete. */
  readonly pollOk: boolean;
  /** When the newest complete poll began. */
  readonly lastGoodPoll: Millis | null;
  /** When a tick last ended. */
  readonly lastTick: Millis | null;
  readonly engineReadable: boolean;
  readonly rateLimit: RateLimit | null;
  readonly requests: RequestCounts;
  readonly version: string;
}

/** RFC 3339 in whole seconds, UTC. */
export function iso(at: Millis): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function isoOrNull(at: Millis | null): string | null {
  return at === null ? null : iso(at);
}

/** One instance as `/status` shows it. */
export function containerView(one: Instance, policy: Policy, now: Millis) {
  const { startedAt } = one.stages;
  return {
    name: one.name,
    job_id: one.forJob,
    running_seconds: startedAt === null ? 0 : Math.max(0, Math.floor((now - startedAt) / 1000)),
    class: one.className,
    phase: one.phase,
    since: iso(one.since),
    runner_name: one.runnerName,
    runner_id: one.runnerId,
    running_job_id: one.job?.id ?? null,
    subnet: subnetCidr(one.subnet),
    address: containerAddress(one.subnet),
    system: one.system,
    deadline: isoOrNull(deadlineOf(one, policy)),
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
    active_containers: state.instances.map((one) => containerView(one, policy, now)),
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
              since: iso(debt.since),
              reason,
              next_try: iso(debt.nextTry),
            },
          ],
    ),
    github: {
      last_poll: isoOrNull(moment.lastPoll),
      ok: moment.pollOk,
      rate_limit:
        rateLimit === null
          ? null
          : {
              limit: rateLimit.limit,
              remaining: rateLimit.remaining,
              resets_at: iso(rateLimit.resetsAt),
            },
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
    uptime_seconds: Math.max(0, Math.floor((now - moment.startedAt) / 1000)),
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

const STALE_AT_LEAST: Millis = 60_000;

/** What is wrong now; empty is healthy. */
export function healthReasons(moment: Moment, policy: Policy): readonly HealthReason[] {
  const limit = Math.max(3 * policy.pollInterval, STALE_AT_LEAST);
  const reasons: HealthReason[] = [];
  if (moment.now - (moment.lastGoodPoll ?? moment.startedAt) > limit) reasons.push('github-poll-stale');
  if (moment.now - (moment.lastTick ?? moment.startedAt) > limit) reasons.push('loop-stalled');
  if (!moment.engineReadable) reasons.push('engine-unreadable');
  return reasons;
}
