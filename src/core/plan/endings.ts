import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Instance, Millis, Phase, StopReason } from '../model.ts';
import type { Policy } from '../policy.ts';
import { durationText } from '../text.ts';
import type { Observed } from './observed.ts';
import { containersOf, githubAnswers, jobTimeoutOf, pollSlack } from './observed.ts';

/** A clean stop is cut short after this (contract: ending). */
const CLEAN_STOP: Millis = 60_000;
/** GitHub deletes an ephemeral runner by itself a moment after its job, so we ask for that only later. */
const GRACE_AFTER_JOB: Millis = 30_000;

/** When the phase's time-out passes, or null for a phase without one. */
export function deadlineOf(instance: Instance, policy: Policy): Millis | null {
  const { since, unansweredFor } = instance;
  switch (instance.phase) {
    case 'reserved':
      return null;
    case 'starting':
      return since + policy.startupTimeout + unansweredFor;
    case 'idle':
      return since + policy.idleTimeout + unansweredFor;
    case 'busy':
      return since + jobTimeoutOf(policy, instance.className);
    case 'stopping':
      return instance.stop?.clean === true ? since + CLEAN_STOP : null;
  }
}

/**
 * Ends what has passed its deadline or is idle during a drain. A start or an idle runner is ended by deregistering it,
 * which GitHub may refuse. Only a job's time-out ends an instance without GitHub's agreement.
 */
export function timeouts(
  seen: Observed,
  policy: Policy,
  now: Millis,
): { changes: readonly Change[]; effects: readonly Effect[] } {
  const changes: Change[] = [];
  const effects: Effect[] = [];
  // An answer that is too old does not count: meanwhile GitHub may have given the runner a job.
  const fresh = seen.github !== null && now - seen.github.askedAt <= pollSlack(policy);
  for (const instance of seen.state.instances) {
    const { name, phase } = instance;
    if (seen.inFlight.has(name)) continue;
    const deadline = deadlineOf(instance, policy);
    const late = deadline !== null && now >= deadline;
    if (phase === 'busy' && late) {
      const detail = `busy for ${durationText(now - instance.since)}`;
      changes.push({
        kind: 'stop',
        name,
        reason: 'job-timeout',
        clean: true,
        detail,
        at: now,
        deregistered: false,
      });
    }
    const reason = retireReason(phase, late && fresh && githubAnswers(seen, instance.scope), seen.draining);
    if (reason !== null) effects.push({ kind: 'retire', name, reason });
    else if (isOutdated(seen, policy, instance)) effects.push({ kind: 'retire', name, reason: 'not-needed' });
  }
  return { changes, effects };
}

/** Whether an idle instance has a container system that its class no longer has, as after a rebuild of the host. */
function isOutdated(
  seen: Observed,
  policy: Policy,
  { className, phase, runnerId, scope, system }: Instance,
): boolean {
  const wanted = policy.classes.find((it) => it.name === className)?.system ?? null;
  if (wanted === null || system === null || system === wanted) return false;
  return phase === 'idle' && runnerId !== null && githubAnswers(seen, scope);
}

function retireReason(phase: Phase, late: boolean, draining: boolean): StopReason | null {
  if (phase !== 'starting' && phase !== 'idle') return null;
  if (late) return phase === 'starting' ? 'never-online' : 'idle-timeout';
  return draining ? 'drained' : null;
}

/** The next step for each stopping instance: a container that is there is destroyed, one that is gone is released. */
export function endings(
  seen: Observed,
  now: Millis,
): { changes: readonly Change[]; effects: readonly Effect[] } {
  if (!seen.host.ok) return { changes: [], effects: [] };
  const { value: host } = seen.host;
  const containers = containersOf(host);
  const changes: Change[] = [];
  const effects: Effect[] = [];
  for (const instance of seen.state.instances) {
    const { name, stop } = instance;
    if (stop === null || seen.inFlight.has(name)) continue;
    const container = containers.get(name);
    if (container === undefined) {
      const grace = stop.reason === 'job-finished' || stop.reason === 'exited-idle' ? GRACE_AFTER_JOB : 0;
      changes.push({ kind: 'release', name, at: now, grace });
    } else {
      const asked = stop.clean && container.state === 'running' && now - instance.since < CLEAN_STOP;
      effects.push({ kind: 'destroy', name, clean: asked });
    }
  }
  return { changes, effects };
}
