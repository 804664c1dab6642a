import type { Change } from '../change.ts';
import type { Instance, Millis, RunningJob, StopReason } from '../model.ts';
import type { Container } from '../observation.ts';
import type { Observed } from './observed.ts';
import { containersOf } from './observed.ts';

/** What GitHub and the host say has happened to our instances since the last tick. */
export function facts(seen: Observed, now: Millis): readonly Change[] {
  const containers = seen.host.ok ? containersOf(seen.host.value) : new Map<string, Container>();
  const changes: Change[] = [];
  for (const instance of seen.state.instances) {
    if (seen.inFlight.has(instance.name)) continue;
    changes.push(...githubSays(seen, instance, now));
    if (instance.phase === 'stopping' || !seen.host.ok) continue;
    changes.push(...hostSays(seen, instance, containers.get(instance.name), now));
  }
  return changes;
}

/** What GitHub says about the instance's runner. The busy flag is not used, because it lags and may be wrong. */
function githubSays(seen: Observed, instance: Instance, now: Millis): readonly Change[] {
  const changes: Change[] = [];
  const { name } = instance;
  const runner = seen.github.runners.get(instance.runnerName);
  if (runner !== undefined && runner.id !== instance.runnerId) {
    changes.push({ kind: 'registered', name, runnerId: runner.id });
  }
  const job = seen.github.byRunner.get(instance.runnerName);
  if (job !== undefined) {
    const running: RunningJob = {
      id: job.id,
      runId: job.runId,
      runAttempt: job.runAttempt,
      repository: job.repository,
    };
    if (instance.phase === 'busy' || instance.phase === 'stopping') {
      if (instance.job?.id !== job.id) changes.push({ kind: 'job', name, job: running, at: now });
    } else {
      changes.push({ kind: 'busy', name, at: now, job: running });
    }
  } else if (runner?.online === true && instance.phase === 'starting') {
    changes.push({ kind: 'online', name, at: now });
  }
  return changes;
}

function hostSays(
  seen: Observed,
  instance: Instance,
  container: Container | undefined,
  now: Millis,
): readonly Change[] {
  const { name } = instance;
  const end = (reason: StopReason, detail: string): Change => ({
    kind: 'stop',
    name,
    reason,
    clean: false,
    detail,
    at: now,
    deregistered: false,
  });
  if (container === undefined) {
    if (instance.phase === 'reserved') return [end('interrupted', 'its start was cut short')];
    return [end('vanished', 'gone from the host, not by us')];
  }
  if (container.state === 'created') {
    // Either its only boot never began, or a reboot of the host removed every trace of that boot.
    const begun = instance.phase === 'idle' || instance.phase === 'busy';
    return [begun ? end('vanished', 'runs no more') : end('interrupted', 'its start was cut short')];
  }

  const changes: Change[] = [];
  if (instance.phase === 'reserved') {
    changes.push({ kind: 'started', name, at: container.startedAt ?? now });
  }
  if (container.readyAt !== null && instance.stages.readyAt === null) {
    changes.push({ kind: 'ready', name, at: container.readyAt });
  }
  const atWork = instance.phase === 'busy' || seen.github.byRunner.has(instance.runnerName);
  const hooked = container.started ?? container.completed;
  if (hooked !== null && !seen.github.byRunner.has(instance.runnerName)) {
    const { runId, runAttempt, repository } = hooked;
    const job: RunningJob = { id: null, runId, runAttempt, repository };
    if (!atWork) changes.push({ kind: 'busy', name, at: now, job });
    else if (instance.job === null) changes.push({ kind: 'job', name, job, at: now });
  }
  if (container.state === 'ended') changes.push(ended(instance, container, atWork || hooked !== null, end));
  return changes;
}

/** Why a container is over, from what its runner did and how it exited. */
function ended(
  instance: Instance,
  { exit }: Container,
  wasBusy: boolean,
  end: (reason: StopReason, detail: string) => Change,
): Change {
  const detail = exit === null ? 'ended' : exit.detail;
  if (wasBusy) return end('job-finished', detail);
  const neverReady = exit?.code !== 0 && instance.stages.onlineAt === null;
  return end(neverReady ? 'died-starting' : 'exited-idle', detail);
}
