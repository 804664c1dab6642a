import { poolOf } from '../apply/draft.ts';
import { silence } from '../known/freshness.ts';
import type { Failure, Instance, Millis, Suspect } from '../model.ts';
import { NO_STAGES } from '../model.ts';
import type { Random } from '../naming.ts';
import { containerName, runnerName } from '../naming.ts';
import type { Job } from '../observation.ts';
import type { Policy, WaitingReason } from '../policy.ts';
import { freeSubnet } from '../subnets.ts';
import { leftText } from '../text.ts';
import type { FoldedClass } from './classes.ts';
import { failures, tries } from './failures.ts';
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
  /** What is held against classes, and the one try of each, by class and scope. */
  readonly #failing: ReadonlyMap<string, Failure>;
  readonly #tries: Map<string, string>;
  /** Jobs of which it is not known yet whether they ran in a container that ended without a word. */
  readonly #asked: ReadonlyMap<number, Suspect>;
  #total: number;
  /** The subnet for the next instance; null until it is looked for. */
  #nextSubnet: { readonly free: number | null } | null = null;

  constructor(seen: Observed, policy: Policy, now: Millis, random: Random) {
    this.#seen = seen;
    this.#policy = policy;
    this.#now = now;
    this.#random = random;
    const { state, host, github } = seen;
    this.#total = state.instances.length;
    for (const { className } of state.instances) this.#count(className);
    this.#failing = failures(state, policy);
    this.#tries = tries(state, this.#failing);
    this.#asked = new Map(state.suspects.map((it) => [it.forJob, it]));
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

  /** Whether an instance of this class could be made for the job now. */
  hasRoom(job: Job, fit: FoldedClass): boolean {
    return (
      this.#total < this.#policy.maxConcurrent &&
      this.#inClass(fit, job.scope) &&
      this.#subnet() !== null &&
      this.#whyItWaits(job) === null
    );
  }

  /** Whether the class is below its maximum, and does not back off in the scope or may be tried again there. */
  #inClass(fit: FoldedClass, scope: string): boolean {
    return this.#isBelow(fit) && this.#whyNoTry(fit, scope) === null;
  }

  #isBelow({ runnerClass }: FoldedClass): boolean {
    return (this.#perClass.get(runnerClass.name) ?? 0) < runnerClass.max;
  }

  /** Why a class that fails in the scope is not tried there now, or null. */
  #whyNoTry({ runnerClass }: FoldedClass, scope: string): string | null {
    const pool = poolOf({ className: runnerClass.name, scope });
    const failure = this.#failing.get(pool);
    if (failure === undefined) return null;
    const { until, detail } = failure;
    if (until > this.#now) return `next try in ${leftText(until - this.#now)}: ${detail}`;
    const name = this.#tries.get(pool);
    return name === undefined ? null : `${name} is tried alone: ${detail}`;
  }

  #subnet(): number | null {
    this.#nextSubnet ??= { free: freeSubnet(this.#policy.subnets, this.#subnets) };
    return this.#nextSubnet.free;
  }

  /** Reserves an instance for the job in the first class below its maximum, or says why that cannot be done. */
  reserve(job: Job, fits: readonly FoldedClass[]): Answer {
    const wait = this.#whyItWaits(job);
    if (wait !== null) return wait;
    if (this.#total >= this.#policy.maxConcurrent) {
      return { reason: 'host-at-capacity', detail: `${this.#policy.maxConcurrent} containers exist` };
    }
    const fit = fits.find((it) => this.#inClass(it, job.scope));
    if (fit === undefined) return this.#whyNoClass(fits, job.scope);
    const { runnerClass } = fit;
    const subnet = this.#subnet();
    if (subnet === null) return { reason: 'no-free-subnet', detail: 'every configured subnet is in use' };
    const name = containerName(job.id, this.#names);
    if (name === null) return { reason: 'host-at-capacity', detail: 'every name for this job is taken' };
    const { namePrefix, controllerId } = this.#policy;
    const runner = runnerName(namePrefix, name, controllerId, this.#runnerNames, this.#random);
    this.#names.add(name);
    this.#runnerNames.add(runner);
    this.#subnets.add(subnet);
    this.#nextSubnet = null;
    this.#total += 1;
    this.#count(runnerClass.name);
    this.#tries.set(poolOf({ className: runnerClass.name, scope: job.scope }), name);
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
      const detail = this.#whyNoTry(fit, scope);
      if (detail !== null) return { reason: 'backing-off', detail };
    }
    const names = fits.map(({ runnerClass }) => `${runnerClass.name} (${runnerClass.max})`).join(', ');
    return { reason: 'class-at-capacity', detail: `at its maximum: ${names}` };
  }

  /** A reason that keeps this job waiting whatever the classes say, or null. */
  #whyItWaits(job: Job): Answer | null {
    const all = this.#whyAllWait(job);
    if (all !== null) return all;
    const one = this.#asked.get(job.id);
    if (one === undefined || one.forAttempt !== job.runAttempt) return null;
    return {
      reason: 'backing-off',
      detail: `${one.name} ended and no job was seen in it; GitHub is asked: ${one.detail}`,
    };
  }

  /** A reason that keeps every job of this scope waiting, or null. */
  #whyAllWait(job: Job): Answer | null {
    const { draining, github, host } = this.#seen;
    if (draining) return { reason: 'draining', detail: 'resume to take new jobs' };
    const limited = github.limitedAt(this.#now);
    if (limited !== null) {
      const left = leftText(limited.until - this.#now);
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
