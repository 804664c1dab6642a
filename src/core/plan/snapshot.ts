import type { GithubObservation, Job, Runner, Trouble, Unread } from '../observation.ts';
import type { Millis } from '../model.ts';

/** A job and when we asked about it. */
interface DatedJob {
  readonly job: Job;
  readonly asOf: Millis;
}

/** What GitHub is known to say: the newest look, with older answers standing in for what it left unread. */
export interface Snapshot {
  readonly askedAt: Millis;
  /** When the newest complete look was asked for; null before the first. */
  readonly completeAt: Millis | null;
  /** The newest look left nothing unread. */
  readonly complete: boolean;
  /** Queued jobs, oldest first. */
  readonly queued: readonly DatedJob[];
  /** Queued in the complete look before this one and not listed at all now: a list may flicker once. */
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

/** Whether a job belongs to a part that the newest look left unread. */
function unreadCovers(unread: readonly Unread[], job: Job): boolean {
  return unread.some(
    (part) =>
      part.what === 'jobs' && part.scope === job.scope && (part.runId === null || part.runId === job.runId),
  );
}

/**
 * The new look over the old snapshot. Demand is taken back only by a newer answer about the same part: what went
 * unread keeps its older one.
 */
export function mergeObservation(before: Snapshot | null, look: GithubObservation): Snapshot {
  const complete = look.unread.length === 0;
  // A run that moves from one list to another while they are read is in both: what was read last is newer.
  const listed = new Map(look.jobs.map((job) => [job.id, job]));
  const fresh = [...listed.values()].map((job) => ({ job, asOf: look.askedAt }));
  const jobsUnread = look.unread.some((part) => part.what === 'jobs');
  const kept = jobsUnread
    ? (before?.queued ?? []).filter(({ job }) => !listed.has(job.id) && unreadCovers(look.unread, job))
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
    if (!listed.has(job.id) && unreadCovers(look.unread, job)) byRunner.set(name, job);
  }
  for (const { job } of fresh) {
    if (job.runnerName !== null && job.status !== 'queued') byRunner.set(job.runnerName, job);
  }

  const unreadRunners = new Set(
    look.unread.filter((part) => part.what === 'runners').map((part) => part.scope),
  );
  const runners = new Map<string, Runner>();
  const runnersAsOf = new Map(before?.runnersAsOf ?? []);
  for (const [name, runner] of before?.runners ?? []) {
    if (unreadRunners.has(runner.scope)) runners.set(name, runner);
  }
  for (const runner of look.runners) runners.set(runner.name, runner);
  for (const scope of look.scopes) if (!unreadRunners.has(scope)) runnersAsOf.set(scope, look.askedAt);

  return {
    askedAt: look.askedAt,
    completeAt: complete ? look.askedAt : (before?.completeAt ?? null),
    complete,
    queued,
    flickered,
    byRunner,
    runners,
    runnersAsOf,
    unreadScopes: new Set(look.unread.map(({ scope }) => scope)),
    scopes: look.scopes,
    unansweredScopes: new Map(
      look.unread
        .filter((part) => part.what === 'jobs' && part.runId === null)
        .map((part) => [part.scope, part.why]),
    ),
    trouble: look.trouble,
  };
}

/** The snapshot once GitHub has agreed to let a runner go: a list from before that is no sign of it. */
export function withoutRunner(snapshot: Snapshot, runnerName: string): Snapshot {
  if (!snapshot.runners.has(runnerName)) return snapshot;
  const runners = new Map(snapshot.runners);
  runners.delete(runnerName);
  return { ...snapshot, runners };
}
