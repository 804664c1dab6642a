import type { GithubObservation, Unread } from '../observation.ts';
import { iso } from '../view.ts';
import type { Action } from './actions.ts';
import { actionsOf } from './actions.ts';
import type { Observed } from './observed.ts';
import type { Plan } from './plan.ts';

/** The JSON of `plan`: stable and documented. */
export interface PlanView {
  readonly actions: readonly Action[];
  readonly holds: readonly {
    readonly job_id: number;
    readonly repository: string;
    readonly labels: readonly string[];
    readonly queued_at: string;
    readonly waiting: { readonly reason: string; readonly detail: string };
  }[];
  readonly github: { readonly ok: boolean; readonly unread: readonly string[] };
  readonly engine: { readonly ok: boolean; readonly why: string | null };
  readonly draining: boolean;
}

/** A plan as an operator reads it, with what it was made from. */
export function planView(seen: Observed, observation: GithubObservation, decided: Plan): PlanView {
  const { host, draining } = seen;
  return {
    actions: actionsOf(decided),
    holds: decided.holds.map(({ job, reason, detail }) => ({
      job_id: job.id,
      repository: job.repository,
      labels: job.labels,
      queued_at: iso(job.queuedAt),
      waiting: { reason, detail },
    })),
    github: { ok: observation.unread.length === 0, unread: inOrder(observation).map(({ why }) => why) },
    engine: { ok: host.ok, why: host.ok ? null : host.why },
    draining,
  };
}

/** What went unread in the order in which it is asked, whichever request failed first. */
function inOrder({ scopes, unread }: GithubObservation): readonly Unread[] {
  return [...unread].sort(
    (a, b) =>
      scopes.indexOf(a.scope) - scopes.indexOf(b.scope) ||
      turn(a) - turn(b) ||
      (a.runId ?? 0) - (b.runId ?? 0),
  );
}

/** A scope's runs are asked for first, then its runners, then what each run holds. */
function turn({ what, runId }: Unread): number {
  if (what === 'runners') return 1;
  return runId === null ? 0 : 2;
}
