import { scopesOf, systemRandom } from '../../app.ts';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/config.ts';
import type { Change } from '../../core/change.ts';
import type { Effect } from '../../core/effect.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { plan } from '../../core/plan/plan.ts';
import { mergeObservation } from '../../core/plan/snapshot.ts';
import { iso } from '../../core/view.ts';
import { observeGithub, observeHost } from '../../loop/observe.ts';
import { isDraining } from '../../store/drain.ts';
import { clean } from '../../core/text.ts';
import type { Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { saying } from '../waiting.ts';
import { openWitnesses } from '../witnesses.ts';

/** One thing that the next tick would do. */
interface Action {
  readonly action: string;
  readonly name: string;
  readonly why: string;
}

/** Looks once and prints what the next tick would do and why. Changes nothing, takes no lock. */
export async function planOnce(io: Io, file: string | undefined, json: boolean): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const { policy, state, github, engine } = await openWitnesses(config, 'required', io.err);
  const [look, host, draining] = await Promise.all([
    saying(io, 'GitHub', observeGithub(github, scopesOf(config), systemClock, io.signal)),
    observeHost(
      engine,
      state.instances.map(({ name }) => name),
      io.signal,
    ),
    isDraining(config.stateDir),
  ]);
  // A running controller may be at work on what is only reserved; it is left out.
  const inFlight = new Set(
    state.instances.filter(({ phase }) => phase === 'reserved').map(({ name }) => name),
  );
  const seen = { state, github: mergeObservation(null, look), host, inFlight, draining };
  const decided = plan(seen, policy, systemClock.now(), systemRandom);
  const answer = {
    actions: actionsOf(decided),
    holds: decided.holds.map(({ job, reason, detail }) => ({
      job_id: job.id,
      repository: job.repository,
      labels: job.labels,
      queued_at: iso(job.queuedAt),
      waiting: { reason, detail },
    })),
    github: { ok: look.unread.length === 0, unread: look.unread.map(({ why }) => why) },
    engine: { ok: host.ok, why: host.ok ? null : host.why },
    draining,
  };
  if (json) io.out(JSON.stringify(answer, null, 2));
  else for (const line of linesOf(answer)) io.out(line);
  return answer.github.ok && answer.engine.ok ? EXIT.ok : EXIT.failed;
}

function linesOf(answer: {
  readonly actions: readonly Action[];
  readonly holds: readonly {
    readonly job_id: number;
    readonly labels: readonly string[];
    readonly waiting: { readonly reason: string; readonly detail: string };
  }[];
  readonly github: { readonly ok: boolean; readonly unread: readonly string[] };
  readonly engine: { readonly why: string | null };
  readonly draining: boolean;
}): readonly string[] {
  const { actions, holds, github, engine, draining } = answer;
  const lines = [
    ...github.unread.map((why) => `github: not read: ${clean(why)}`),
    ...(engine.why === null ? [] : [`engine: not read: ${clean(engine.why)}`]),
    ...(draining ? ['draining'] : []),
    ...actions.map(({ action, name, why }) => `${action.padEnd(10)} ${name.padEnd(12)} ${clean(why)}`),
    ...holds.map(
      ({ job_id, labels, waiting }) =>
        `${'hold'.padEnd(10)} ${job_id} [${clean(labels.join(', '))}]: ${waiting.reason}: ${clean(waiting.detail)}`,
    ),
  ];
  return lines.length === 0 ? ['nothing to do'] : lines;
}

/** The plan in an operator's words, in the order in which it would happen. */
function actionsOf(decided: Plan): readonly Action[] {
  return [...decided.changes.flatMap(ofChange), ...decided.effects.flatMap(ofEffect)];
}

function ofChange(change: Change): readonly Action[] {
  switch (change.kind) {
    case 'reserve': {
      const { name, forJob, className } = change.instance;
      return [{ action: 'make', name, why: `for job ${forJob}, class ${className}` }];
    }
    case 'adopt':
      return [{ action: 'adopt', name: change.instance.name, why: 'ours, and not in the ledger' }];
    case 'stop':
      return [{ action: 'stop', name: change.name, why: `${change.reason}: ${change.detail}` }];
    case 'release':
      return [{ action: 'release', name: change.name, why: 'gone from the host' }];
    case 'orphan-found':
      return [
        { action: 'owe', name: change.debt.runnerName, why: change.debt.reason ?? 'may be registered' },
      ];
    case 'failed':
      return [{ action: 'back-off', name: change.className, why: change.detail }];
    case 'answered':
    case 'rename':
    case 'registered':
    case 'started':
    case 'ready':
    case 'online':
    case 'busy':
    case 'job':
    case 'debt-cleared':
    case 'refused':
    case 'hold-released':
      // Bookkeeping: what was seen, not what would be done.
      return [];
  }
}

function ofEffect(effect: Effect): readonly Action[] {
  switch (effect.kind) {
    case 'start':
      return [];
    case 'retire':
      return [{ action: 'retire', name: effect.name, why: effect.reason }];
    case 'destroy':
      return [{ action: 'destroy', name: effect.name, why: effect.clean ? 'clean stop' : 'at once' }];
    case 'deregister-orphan':
      return [{ action: 'deregister', name: effect.runnerName, why: 'its container is gone' }];
  }
}
