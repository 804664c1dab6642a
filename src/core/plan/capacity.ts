import { isFailureOf } from '../backoff.ts';
import { silence } from '../known/problems.ts';
import type { Failure, Instance, Millis } from '../model.ts';
import { NO_STAGES } from '../model.ts';
import type { Random } from '../naming.ts';
import { containerName, runnerName } from '../naming.ts';
import type { Job } from '../observation.ts';
import type { Policy, WaitingReason } from '../policy.ts';
import { freeSubnet } from '../subnets.ts';
import { durationText } from '../text.ts';
import type { FoldedClass } from './classes.ts';
import type { Observed } from './observed.ts';

/** An instance to make, or why there is none. */
type Answer = { readonly instance: Instance } | { readonly reason: WaitingReason; readonly detail: string };

/** What is left of the maxima, names and subnets while one plan is made, and what else keeps jobs waiting. */
export class Capacity {
  readonly #seen: Observed;
  readonly #policy: Policy;
  readonly #now: Millis;
  readonly #random: Random;
  readonly #perClass = new Map<string, number>();
  readonly #names: Set<string>;
  readonly #runnerNames: Set<string>;
  readonly #subnets: Set<number>;
  #total: number;

  constructor(seen: Observed, policy: Policy, now: Millis, random: Random) {
    this.#seen = seen;
    this.#policy = policy;
    this.#now = now;
    this.#random = random;
    const { state, host, github } = seen;
    this.#total = state.instances.length;
    for (const { className } of state.instances) this.#count(className);
    this.#names = new Set(state.instances.map(({ name }) => name));
    this.#subnets = new Set(state.instances.map(({ subnet }) => subnet));
    if (host.ok) {
      for (const { name } of host.value.containers) this.#names.add(name);
      for (const name of host.value.namesInUse) this.#names.add(name);
      for (const n of host.value.subnetsInUse) this.#subnets.add(n);
    }
    this.#runnerNames = new Set([
      ...state.instances.map((it) => it.runnerName),
      ...state.debts.map((it) => it.runnerName),
      ...state.finished.map((it) => it.runnerName),
      ...github.runners.keys(),
    ]);
  }

  #count(className: string): void {
    this.#perClass.set(className, (this.#perClass.get(className) ?? 0) + 1);
  }

  /** Whether another instance of the class can be made in the scope: it is below its maximum and does not back off there. */
  inClass(fit: FoldedClass, scope: string): boolean {
    return this.#isBelow(fit) && this.#failureOf(fit, scope) === undefined;
  }

  #isBelow({ runnerClass }: FoldedClass): boolean {
    return (this.#perClass.get(runnerClass.name) ?? 0) < runnerClass.max;
  }

  #failureOf({ runnerClass }: FoldedClass, scope: string): Failure | undefined {
    const of = { className: runnerClass.name, scope };
    return this.#seen.state.failures.find((it) => isFailureOf(it, of) && it.until > this.#now);
  }

  /** Reserves an instance for the job in the first class below its maximum, or says why that cannot be done. */
  reserve(job: Job, fits: readonly FoldedClass[]): Answer {
    const wait = this.#whyAllWait(job);
    if (wait !== null) return wait;
    if (this.#total >= this.#policy.maxConcurrent) {
      return { reason: 'host-at-capacity', detail: `${this.#policy.maxConcurrent} containers exist` };
    }
    const fit = fits.find((it) => this.inClass(it, job.scope));
    if (fit === undefined) return this.#whyNoClass(fits, job.scope);
    const { runnerClass } = fit;
    const subnet = freeSubnet(this.#policy.subnets, this.#subnets);
    if (subnet === null) return { reason: 'no-free-subnet', detail: 'every configured subnet is in use' };
    const name = containerName(job.id, this.#names);
    if (name === null) return { reason: 'host-at-capacity', detail: 'every name for this job is taken' };
    const { namePrefix, controllerId } = this.#policy;
    const runner = runnerName(namePrefix, name, controllerId, this.#runnerNames, this.#random);
    this.#names.add(name);
    this.#runnerNames.add(runner);
    this.#subnets.add(subnet);
    this.#total += 1;
    this.#count(runnerClass.name);
    return {
      instance: newInstance(job, runnerClass.name, runnerClass.system, name, runner, subnet, this.#now),
    };
  }

  /**
   * Why none of the classes that fit takes another instance. A class that backs off is named first, with its next
   * try.
   */
  #whyNoClass(fits: readonly FoldedClass[], scope: string): Answer {
    for (const fit of fits.filter((it) => this.#isBelow(it))) {
      const failure = this.#failureOf(fit, scope);
      if (failure === undefined) continue;
      const left = secondsUp(failure.until - this.#now);
      return { reason: 'backing-off', detail: `next try in ${left}: ${failure.detail}` };
    }
    const names = fits.map(({ runnerClass }) => `${runnerClass.name} (${runnerClass.max})`).join(', ');
    return { reason: 'class-at-capacity', detail: `at its maximum: ${names}` };
  }

  /** A reason that keeps every job of this scope waiting, or null. */
  #whyAllWait(job: Job): Answer | null {
    const { draining, github, host } = this.#seen;
    if (draining) return { reason: 'draining', detail: 'resume to take new jobs' };
    const limited = github.limitedAt(this.#now);
    if (limited !== null) {
      const left = secondsUp(limited.until - this.#now);
      return { reason: 'rate-limited', detail: `GitHub answers again in ${left}` };
    }
    const scope = github.scopes.get(job.scope);
    const silent = scope === undefined ? null : silence(scope);
    if (silent !== null) return { reason: 'github-unreachable', detail: silent };
    if (!host.ok) return { reason: 'backing-off', detail: `the engine cannot be read: ${host.why}` };
    const { freeDisk } = host.value;
    if (freeDisk !== null && freeDisk < this.#policy.minFreeDisk) {
      return { reason: 'disk-low', detail: `${freeDisk} bytes free, ${this.#policy.minFreeDisk} needed` };
    }
    return null;
  }
}

function newInstance(
  job: Job,
  className: string,
  system: string | null,
  name: string,
  runner: string,
  subnet: number,
  now: Millis,
): Instance {
  return {
    name,
    className,
    scope: job.scope,
    subnet,
    runnerName: runner,
    runnerId: null,
    forJob: job.id,
    forAttempt: job.runAttempt,
    system,
    registered: true,
    phase: 'reserved',
    since: now,
    unansweredFor: 0,
    stages: { ...NO_STAGES, queuedAt: job.queuedAt, seenAt: now, reservedAt: now },
    job: null,
    refusedAt: null,
    overSince: null,
    stop: null,
  };
}

/** A time that is left, begun seconds counted whole. */
function secondsUp(ms: Millis): string {
  return durationText(Math.ceil(ms / 1000) * 1000);
}
