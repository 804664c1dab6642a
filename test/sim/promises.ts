import { poolOf } from '../../src/core/apply/draft.ts';
import type { Instance, State } from '../../src/core/model.ts';
import { covers, fold } from '../../src/core/plan/classes.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { Controller } from './controller.ts';
import { broken } from './promise.ts';
import type { World } from './world.ts';

/** What must hold after every action, whatever the history. */
export function checkWorld(world: World, { policy, saved }: Controller): void {
  const containers = [...world.containers.values()];
  if (containers.length > policy.maxConcurrent) {
    broken(2, `${containers.length} containers exist and ${policy.maxConcurrent} may`);
  }
  for (const { name, max } of policy.classes) {
    const count = containers.filter((it) => it.mark.className === name).length;
    if (count > max) broken(2, `${count} containers of class ${name} exist and ${max} may`);
  }
  const subnets = containers.map((it) => it.mark.subnet);
  if (new Set(subnets).size < subnets.length) broken(2, 'two containers share a subnet');
  const names = saved.instances.map((it) => it.name);
  if (new Set(names).size < names.length) broken(2, 'two instances share a name');
}

/** What must hold of one plan and what it was made from. */
export function checkPlan(
  before: State,
  decided: Plan,
  { github, githubAskedAt, host, draining, policy, inFlight, met }: Controller,
  { now, clock, runners }: World,
): void {
  const changed = (kind: string): boolean => decided.changes.some((it) => it.kind === kind);
  if (!host.ok) {
    if (decided.effects.some((it) => it.kind === 'destroy'))
      broken(5, 'destroys while the host is unreadable');
    if (changed('release')) broken(5, 'takes a container for gone while the host is unreadable');
    if (changed('orphan-found')) broken(5, 'takes a runner for lost while the host is unreadable');
    if (changed('reserve')) broken(5, 'makes containers while the host is unreadable');
  }
  for (const effect of decided.effects) {
    if (effect.kind !== 'retire' || effect.reason === 'drained') continue;
    // One that was adopted is in no state from before.
    const all = [...before.instances, ...decided.state.instances];
    const scope = all.find((it) => it.name === effect.name)?.scope ?? '';
    const asOf = github.runnersAsOf(scope);
    if (
      asOf === null ||
      clock - asOf > Math.max(3 * policy.pollInterval, 60_000) ||
      github.limitedAt(clock) !== null
    ) {
      broken(5, `retires ${effect.name} on no fresh word of GitHub's`);
    }
  }
  const timesOut = decided.effects.some(
    (it) => it.kind === 'retire' && (it.reason === 'idle-timeout' || it.reason === 'never-online'),
  );
  if (timesOut && now - githubAskedAt > 3 * policy.pollInterval) {
    broken(5, 'lets a time-out run while GitHub has long not been heard');
  }
  const [only, more] = policy.classes;
  for (const effect of decided.effects) {
    if (effect.kind !== 'retire' || effect.reason !== 'not-needed' || more !== undefined) continue;
    const scope = decided.state.instances.find((it) => it.name === effect.name)?.scope;
    const held = new Set(decided.state.ghosts.filter((it) => it.strikes >= 2).map((it) => it.jobId));
    const labels = fold(only?.labels ?? []);
    const needed = github.queued.filter(
      (job) => job.scope === scope && covers(labels, job.labels) && !held.has(job.id),
    );
    const supply = decided.state.instances.filter((it) => it.scope === scope && isFree(it));
    if (supply.length <= needed.length) broken(1, `retires ${effect.name} and a listed job needs it`);
  }
  if (draining && changed('reserve')) broken(1, 'takes new jobs while it drains');
  for (const one of before.instances) {
    if (inFlight.has(one.name)) continue;
    const still = decided.state.instances.find(
      (it) => it.name === one.name && it.runnerName === one.runnerName,
    );
    if (still !== undefined && host.ok && !host.value.containers.some((it) => it.name === one.name)) {
      broken(3, `${one.name} is gone from the host and keeps its slot`);
    }
    const asks = decided.effects.some((it) => it.kind === 'retire' && it.name === one.name);
    if (draining && still?.phase === 'idle' && !asks) {
      broken(1, `${one.name} idles on through a drain`);
    }
  }
  for (const change of decided.changes) {
    if (change.kind === 'debt-cleared') {
      const debt = before.debts.find((it) => it.runnerName === change.runnerName);
      const asOf = github.runnersAsOf(debt?.scope ?? '') ?? -Infinity;
      if (debt !== undefined && asOf <= debt.since) broken(5, 'forgets a debt on an older list');
    }
    if (change.kind !== 'reserve') continue;
    const { className, scope } = change.instance;
    const pool = poolOf(change.instance);
    const failure = decided.state.failures.find((it) => poolOf(it) === pool);
    if (failure !== undefined && failure.until > clock)
      broken(1, `makes another ${className} for ${scope} while the class backs off there`);
    // Times of before a clock was set back compare with none.
    if (failure !== undefined && !met.has('a clock that was set back')) {
      const alone = decided.state.instances.filter(
        (it) => poolOf(it) === pool && isFree(it) && (it.stages.reservedAt ?? 0) >= failure.lastAt,
      );
      if (alone.length > 1)
        broken(9, `tries ${alone.length} of ${className} at once in ${scope} after a failure`);
    }
    const labels = fold(policy.classes.find((it) => it.name === className)?.labels ?? []);
    const wanted = github.queued.filter((job) => job.scope === scope && covers(labels, job.labels));
    const supply = decided.state.instances.filter(
      (it) =>
        it.className === className &&
        it.scope === scope &&
        isFree(it) &&
        // One whose registration has vanished is no supply.
        (it.runnerId === null || runners.has(it.runnerName)),
    );
    if (supply.length > wanted.length) {
      broken(1, `${supply.length} runners of ${className} are to serve ${wanted.length} jobs`);
    }
  }
}

function isFree({ phase }: Instance): boolean {
  return phase === 'reserved' || phase === 'starting' || phase === 'idle';
}

/** Reasons are the operator's vocabulary: they must be true. */
export function checkReasons(world: World, decided: Plan, { host, lied }: Controller): void {
  for (const change of decided.changes) {
    if (change.kind !== 'stop' || !host.ok) continue;
    const look = host.value.containers.find((it) => it.name === change.name);
    const truth = world.containers.get(change.name);
    if (change.reason === 'vanished' && look?.state === 'running')
      broken(4, `${change.name} has not vanished`);
    if (change.reason === 'job-finished' && truth !== undefined) {
      const told = truth.worked || truth.forgedAt !== null || lied.has(change.name);
      if (!told) broken(4, `${change.name} is said to have finished a job and had none`);
    }
    if (change.reason === 'died-starting' && look?.exit?.code === 0) {
      broken(4, `${change.name} ended well and is said to have died`);
    }
  }
}

/** What is left once the world is quiet; empty when everything has settled. */
export function leftOver(world: World, controller: Controller): readonly string[] {
  const { policy, state } = controller;
  const offered = policy.classes.map(({ labels }) => fold(labels));
  const held = new Set(state.ghosts.filter((it) => it.strikes >= 2).map((it) => it.jobId));
  const waiting = [...world.jobs.values()].filter(
    (it) =>
      it.status !== 'completed' && offered.some((labels) => covers(labels, it.labels)) && !held.has(it.id),
  );
  return [
    ...waiting.map((it) => `job ${it.id} is ${it.status}`),
    ...controller.flights.map(({ effect }) => `${effect.kind} is under way`),
    ...[...world.containers.keys()].map((name) => `container ${name} is on the host`),
    ...[...world.runners.keys()].map((name) => `runner ${name} is registered`),
    ...state.instances.map(({ name, phase }) => `instance ${name} is ${phase}`),
    ...state.debts.map(({ runnerName }) => `${runnerName} is owed`),
    ...state.suspects.map(({ name }) => `nobody knows whether ${name} had a job`),
    ...state.claimed.map(({ forJob }) => `what was made for ${forJob} counts as taken`),
  ];
}
