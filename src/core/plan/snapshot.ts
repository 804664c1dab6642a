import type { Millis } from '../model.ts';
import type { GithubObservation, Job, Runner, Trouble, Unread } from '../observation.ts';

/** A job and when we asked about it. */
interface DatedJob {
  readonly job: Job;
  readonly asOf: Millis;
}

/** What GitHub is known to say: the newest poll, and older answers for the parts that it could not read. */
export interface Snapshot {
  readonly askedAt: Millis;
  /** When the newest complete poll began; null before the first. */
  readonly completeAt: Millis | null;
  /** The newest poll left nothing unread. */
  readonly complete: boolean;
  /** Queued jobs, oldest first. */
  readonly queued: readonly DatedJob[];
  /** Jobs that were queued in the poll before and are not listed now. GitHub's lists sometimes lack a job once. */
  readonly flickered: readonly Job[];
  /** Jobs that name a runner, by that name. */
  readonly byRunner: ReadonlyMap<string, Job>;
  readonly runners: ReadonlyMap<string, Runner>;
  /** When each scope's runners were last read in full. */
  readonly runnersAsOf: ReadonlyMap<string, Millis>;
  /** Scopes of which any part went unread. */
  readonly unreadScopes: ReadonlySet<string>;
  /** Every scope that was asked about. */
  readonly scopes: readonly string[];
  /** Scopes whose runs could not be read: their jobs are an older answer. */
  readonly unansweredScopes: ReadonlyMap<string, string>;
  readonly trouble: Trouble | null;
}

/** Whether a job belongs to a part that the newest poll left unread. */
function unreadCovers(unread: readonly Unread[], job: Job): boolean {
  return unread.some(
    (part) =>
      part.what === 'jobs' && part.scope === job.scope && (part.runId === null || part.runId === job.runId),
  );
}

/**
 * The new observation over the old snapshot. What the poll could not read keeps its older answer, so that a job counts
 * until a newer answer about the same part lacks it.
 */
export function mergeObservation(before: Snapshot | null, observation: GithubObservation): Snapshot {
  const complete = observation.unread.length === 0;
  // A run that moves from one list to another while they are read is in both. What was read last is newer.
  const listed = new Map(observation.jobs.map((job) => [job.id, job]));
  const fresh = [...listed.values()].map((job) => ({ job, asOf: observation.askedAt }));
  const jobsUnread = observation.unread.some((part) => part.what === 'jobs');
  const kept = jobsUnread
    ? (before?.queued ?? []).filter(({ job }) => !listed.has(job.id) && unreadCovers(observation.unread, job))
    : [];
  const queued = [...fresh.filter(({ job }) => job.status === 'queued'), ...kept].sort(
    (a, b) => a.job.queuedAt - b.job.queuedAt || a.job.id - b.job.id,
  );

  const keptIds = new Set(kept.map(({ job }) => job.id));
  const flickered = (before?.queued ?? [])
    .map(({ job }) => job)
    .filter((job) => !listed.has(job.id) && !keptIds.has(job.id));

  const byRunner = new Map<string, Job>();
  for (const [name, job] of before?.byRunner ?? []) {
    if (!listed.has(job.id) && unreadCovers(observation.unread, job)) byRunner.set(name, job);
  }
  for (const { job } of fresh) {
    if (job.runnerName !== null && job.status !== 'queued') byRunner.set(job.runnerName, job);
  }

  const unreadRunners = new Set(
    observation.unread.filter((part) => part.what === 'runners').map((part) => part.scope),
  );
  const runners = new Map<string, Runner>();
  const runnersAsOf = new Map(before?.runnersAsOf ?? []);
  for (const [name, runner] of before?.runners ?? []) {
    if (unreadRunners.has(runner.scope)) runners.set(name, runner);
  }
  for (const runner of observation.runners) runners.set(runner.name, runner);
  for (const scope of observation.scopes)
    if (!unreadRunners.has(scope)) runnersAsOf.set(scope, observation.askedAt);

  return {
    askedAt: observation.askedAt,
    completeAt: complete ? observation.askedAt : (before?.completeAt ?? null),
    complete,
    queued,
    flickered,
    byRunner,
    runners,
    runnersAsOf,
    unreadScopes: new Set(observation.unread.map(({ scope }) => scope)),
    scopes: observation.scopes,
    unansweredScopes: new Map(
      observation.unread
        .filter((part) => part.what === 'jobs' && part.runId === null)
        .map((part) => [part.scope, part.why]),
    ),
    trouble: observation.trouble,
  };
}

/** The snapshot without a runner that GitHub has deleted since: a list from before that may still show it. */
export function withoutRunner(snapshot: Snapshot, runnerName: string): Snapshot {
  if (!snapshot.runners.has(runnerName)) return snapshot;
  const runners = new Map(snapshot.runners);
  runners.delete(runnerName);
  return { ...snapshot, runners };
}
