import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Instance, Millis, Phase, StopReason } from '../model.ts';
import type { Policy } from '../policy.ts';
import { durationText } from '../text.ts';
import type { Observed } from './observed.ts';
import { containersOf, freshRunners, jobTimeoutOf } from './observed.ts';

/** A clean stop is cut short after this (contract: ending). */
const CLEAN_STOP: Millis = 60_000;
/** How soon one that is busy by a refusal alone is asked to go again, and how long lists must call it not busy for that. */
const ASK_AGAIN: Millis = 2 * 60_000;
const UNBUSY: Millis = 60_000;
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
      return (instance.stages.busyAt ?? since) + jobTimeoutOf(policy, instance.className);
    case 'stopping':
      return instance.stop?.clean === true ? since + CLEAN_STOP : null;
  }
}

/**
 * Ends what has passed its deadline, is idle during a drain, or idles without a registration. A start or an idle runner is ended by deregistering it,
 * which GitHub may refuse. Only a job's time-out ends an instance without GitHub's agreement.
 */
export function timeouts(
  seen: Observed,
  policy: Policy,
  now: Millis,
  unregistered: ReadonlySet<string>,
): { changes: readonly Change[]; effects: readonly Effect[] } {
  const changes: Change[] = [];
  const effects: Effect[] = [];
  for (const instance of seen.state.instances) {
    const { name, phase } = instance;
    if (seen.inFlight.has(name)) continue;
    const deadline = deadlineOf(instance, policy);
    const late = deadline !== null && now >= deadline;
    if (phase === 'busy' && late) {
      const detail = `busy for ${durationText(now - (instance.stages.busyAt ?? instance.since))}`;
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
    const asOf = freshRunners(seen, instance.scope, policy, now);
    if (phase === 'busy' && !late && asOf !== null && isToBeAskedAgain(seen, instance, policy, now)) {
      effects.push({ kind: 'retire', name, reason: 'idle-timeout' });
    }
    const isLate = late && asOf !== null && asOf > instance.since;
    const reason = retireReason(phase, isLate, seen.draining, unregistered.has(name));
    if (reason !== null) effects.push({ kind: 'retire', name, reason });
    else if (asOf !== null && isOutdated(policy, instance))
      effects.push({ kind: 'retire', name, reason: 'not-needed' });
  }
  return { changes, effects };
}

/**
 * Whether one that is busy by a refusal alone is to be asked to go again: at its next time-out, and earlier when GitHub's
 * lists have called it not busy for a minute. The lists allow nothing: GitHub's answer to that decides.
 */
function isToBeAskedAgain(
  { github }: Observed,
  { job, refusedAt, runnerName, scope, since }: Instance,
  policy: Policy,
  now: Millis,
): boolean {
  if (job !== null || github.byRunner.has(runnerName)) return false;
  const runners = github.scopes.get(scope)?.runners;
  const unbusy = runners?.unbusy.get(runnerName);
  const listedUnbusy = unbusy !== undefined && (runners?.age.askedAt ?? -Infinity) - unbusy >= UNBUSY;
  const pause = listedUnbusy ? ASK_AGAIN : Math.max(ASK_AGAIN, policy.idleTimeout);
  return now - (refusedAt ?? since) >= pause;
}

/** Whether an idle instance has a container system that its class no longer has, as after a rebuild of the host. */
function isOutdated(policy: Policy, { className, phase, runnerId, system }: Instance): boolean {
  const wanted = policy.classes.find((it) => it.name === className)?.system ?? null;
  if (wanted === null || system === null || system === wanted) return false;
  return phase === 'idle' && runnerId !== null;
}

function retireReason(
  phase: Phase,
  late: boolean,
  draining: boolean,
  unregistered: boolean,
): StopReason | null {
  if (phase !== 'starting' && phase !== 'idle') return null;
  if (late) return phase === 'starting' ? 'never-online' : 'idle-timeout';
  if (draining) return 'drained';
  return unregistered && phase === 'idle' ? 'unregistered' : null;
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
