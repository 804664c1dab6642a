import { problems } from '../known/problems.ts';
import type { Millis } from '../model.ts';
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
export function planView(seen: Observed, decided: Plan, now: Millis): PlanView {
  const { host, draining } = seen;
  const unread = problems(seen.github, now).map(({ why }) => why);
  return {
    actions: actionsOf(decided),
    holds: decided.holds.map(({ job, reason, detail }) => ({
      job_id: job.id,
      repository: job.repository,
      labels: job.labels,
      queued_at: iso(job.queuedAt),
      waiting: { reason, detail },
    })),
    github: { ok: unread.length === 0, unread },
    engine: { ok: host.ok, why: host.ok ? null : host.why },
    draining,
  };
}
