import type { Change } from '../change.ts';
import type { Instance, Millis } from '../model.ts';
import { NO_STAGES } from '../model.ts';
import type { Container, ContainerMark } from '../observation.ts';
import type { Observed } from './observed.ts';

/**
 * Adopts containers that carry our mark and that no promise covers, as after a lost ledger. One that still runs may
 * have a job, so it is looked after like any other; one that does not run is cleaned up.
 */
export function leftovers(seen: Observed, now: Millis): readonly Change[] {
  if (!seen.host.ok) return [];
  const promised = new Set(seen.state.instances.map(({ name }) => name));
  const changes: Change[] = [];
  for (const container of seen.host.value.containers) {
    const { name, mark } = container;
    if (mark === null || promised.has(name) || seen.inFlight.has(name)) continue;
    changes.push({ kind: 'adopt', instance: adopted(container, mark, now) });
    if (container.state !== 'running') {
      const detail = 'found without a promise';
      changes.push({
        kind: 'stop',
        name,
        reason: 'leftover',
        clean: false,
        detail,
        at: now,
        deregistered: false,
      });
    }
  }
  return changes;
}

/**
 * One that never booted does not know under which name its runner was to be registered: no registration is known of it,
 * and one that GitHub lists is found as an orphan.
 */
function adopted({ name, startedAt, readyAt }: Container, mark: ContainerMark, now: Millis): Instance {
  return {
    name,
    className: mark.className,
    scope: mark.scope,
    subnet: mark.subnet,
    // The container's name stands in where there is none: no runner is named so, and nothing will match it.
    runnerName: mark.runnerName ?? name,
    runnerId: null,
    forJob: mark.forJob,
    forAttempt: mark.forAttempt,
    system: null,
    registered: mark.runnerName !== null,
    phase: 'starting',
    since: startedAt ?? now,
    unansweredFor: 0,
    stages: { ...NO_STAGES, startedAt: startedAt ?? now, readyAt },
    job: null,
    refusedAt: null,
    overSince: null,
    stop: null,
  };
}
