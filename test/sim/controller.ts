import { applyAll } from '../../src/core/apply/apply.ts';
import { poolOf } from '../../src/core/apply/draft.ts';
import { backoff } from '../../src/core/backoff.ts';
import type { Change } from '../../src/core/change.ts';
import type { Effect } from '../../src/core/effect.ts';
import { Known } from '../../src/core/known/known.ts';
import type { Instance, Millis, State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Random } from '../../src/core/naming.ts';
import { runnerName } from '../../src/core/naming.ts';
import type { HostObservation, Seen } from '../../src/core/observation.ts';
import { concerns } from '../../src/core/plan/classes.ts';
import { failedStart, startOf } from '../../src/core/plan/failures.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { plan } from '../../src/core/plan/plan.ts';
import type { Policy } from '../../src/core/policy.ts';
import { carriedOver } from '../../src/core/time/carry-over.ts';
import type { Instant } from '../../src/core/time/instant.ts';
import { HOUR, SECOND } from '../support/builders.ts';
import { takeIn, type UnreadPart } from '../support/polls.ts';
import { broken, checkLoaded } from './promise.ts';
import type { World } from './world.ts';

/** An effect on its way; each step of it happens in the world, and what it says is recorded. */
interface Flight {
  readonly key: string;
  readonly effect: Effect;
  step: number;
  /** A clean stop asks first and kills at this time. */
  killAt: Millis | null;
}

/** How many starts of a class in a scope may fail in an hour. */
const TRIES_AN_HOUR = 12;

/** What GitHub leaves unread. */
export type Blind =
  | 'nothing'
  | 'all'
  | 'limited'
  | 'limited-late'
  | 'scope'
  | 'other-scope'
  | 'run'
  | 'runners'
  | 'flicker';

/**
 * The shell of the real thing over a simulated world: changes are saved before effects begin, one effect per name is
 * in flight, it may be cut off between any two steps, and what it remembers then is what was saved.
 */
export class Controller {
  readonly policy: Policy;
  readonly scopes: readonly string[];
  readonly #world: World;
  readonly #random: Random;
  state: State = EMPTY_STATE;
  saved: State = EMPTY_STATE;
  #savedAt: Instant;
  github: Known;
  /** When GitHub was last asked, in true time. */
  githubAskedAt: Millis = 0;
  host: Seen<HostObservation> = { ok: false, why: 'not looked at yet' };
  draining = false;
  /** While the last requests of a process that is no more arrive: nobody hears what they did. */
  #dead = false;
  /** How often a step of an effect fails, from 0 to 1. */
  trouble = 0;
  readonly flights: Flight[] = [];
  /** Looks at the host so far, and which was the newest when an effect ended. */
  #looks = 0;
  readonly #doneAt = new Map<string, number>();
  /** What the newest plan was told to leave alone. */
  inFlight: ReadonlySet<string> = new Set();
  /** What this history has seen, to know that the histories go where the promises are hard to keep. */
  readonly met = new Set<string>();
  /** Containers that an operator wants gone. */
  readonly asked = new Set<string>();
  /** Containers whose runner GitHub called busy when it was not. */
  readonly lied = new Set<string>();
  /** When the starts of a class in a scope were made that failed since a job last began there. */
  readonly failed = new Map<string, Millis[]>();

  constructor(world: World, policy: Policy, scopes: readonly string[], random: Random) {
    this.#world = world;
    this.#savedAt = world.instant;
    this.policy = policy;
    this.scopes = scopes;
    this.#random = random;
    this.github = this.#nothingKnown();
  }

  #nothingKnown(): Known {
    return new Known(this.scopes, concerns(this.policy));
  }

  lookAtGithub(blind: Blind, lag: number): void {
    const askedAt = this.#world.clock;
    this.githubAskedAt = this.#world.now;
    const why = 'no answer';
    const { jobs, runners } = this.#world.view(lag);
    const all = this.scopes.flatMap((scope): UnreadPart[] => [
      { scope, what: 'jobs', runId: null, why },
      { scope, what: 'runners', runId: null, why },
    ]);
    const unread: readonly UnreadPart[] = {
      nothing: [],
      flicker: [],
      all,
      limited: all,
      // A limit that came up in mid-look: some was read before.
      'limited-late': all.slice(2),
      scope: all.slice(0, 2),
      'other-scope': all.slice(2),
      run: jobs
        .slice(0, 1)
        .map((job): UnreadPart => ({ scope: job.scope, what: 'jobs', runId: job.runId, why })),
      runners: all.slice(1, 2),
    }[blind];
    const limited = blind === 'limited' || blind === 'limited-late';
    takeIn(this.github, {
      askedAt,
      scopes: this.scopes,
      jobs: jobs.filter(
        (job) =>
          blind !== 'flicker' &&
          !unread.some(
            (it) =>
              it.what === 'jobs' && it.scope === job.scope && (it.runId === null || it.runId === job.runId),
          ),
      ),
      runners: runners.filter(
        (it) =>
          blind !== 'flicker' && !unread.some((part) => part.what === 'runners' && part.scope === it.scope),
      ),
      unread,
      limitedUntil: limited ? askedAt + 60 * SECOND : null,
    });
    if (blind === 'nothing') this.#answerQuestions(askedAt);
  }

  /** Asked for by its id, GitHub tells the truth of now, unlike its lists. */
  #answerQuestions(askedAt: Millis): void {
    const { jobs, runners } = this.#world.view(0);
    for (const { question } of this.github.questions.all) {
      if (question.kind === 'job') {
        const job = jobs.find(({ id }) => id === question.jobId) ?? null;
        this.github.answer(question, { kind: 'job', askedAt, job }, askedAt);
      } else {
        const runner = runners.find(({ id }) => id === question.runnerId) ?? null;
        this.github.answer(question, { kind: 'runner', askedAt, runner }, askedAt);
      }
    }
  }

  lookAtHost(blind: boolean): void {
    this.#looks += 1;
    this.host = blind ? { ok: false, why: 'no answer' } : { ok: true, value: this.#world.look() };
  }

  /** One tick; null when the process was cut off before its changes were stored. */
  tick(cutOff: boolean): Plan | null {
    const { state, github, host, draining, policy } = this;
    const inFlight = this.#inFlight();
    this.inFlight = inFlight;
    const decided = plan(
      { state, github, host, draining, inFlight },
      policy,
      this.#world.clock,
      this.#random,
    );
    if (cutOff) {
      this.crash();
      return null;
    }
    this.record(decided.changes);
    github.questions.want(decided.questions);
    for (const effect of decided.effects) {
      const key = 'name' in effect ? effect.name : effect.runnerName;
      if (!this.flights.some((it) => it.key === key))
        this.flights.push({ key, effect, step: 0, killAt: null });
    }
    return decided;
  }

  #inFlight(): ReadonlySet<string> {
    const look = this.host.ok ? this.#looks : 0;
    for (const [key, during] of this.#doneAt) if (during < look) this.#doneAt.delete(key);
    return new Set([...this.#doneAt.keys(), ...this.flights.map(({ key }) => key)]);
  }

  record(changes: readonly Change[]): void {
    if (this.#dead) return;
    for (const change of changes) {
      this.#meet(change);
      if (change.kind !== 'release') continue;
      this.asked.delete(change.name);
      this.lied.delete(change.name);
    }
    const ending = new Set(
      this.state.instances.filter((it) => it.phase === 'stopping').map(({ name }) => name),
    );
    const before = this.state;
    this.state = applyAll(before, changes);
    this.#save();
    this.#noteFailures(changes, before);
    const revived = this.state.instances.find((it) => it.phase !== 'stopping' && ending.has(it.name));
    const made = changes.some((it) => it.kind === 'reserve' && it.instance.name === revived?.name);
    if (revived !== undefined && !made) broken(3, `${revived.name} was ending and is ${revived.phase} again`);
  }

  /** Counted failures come no nearer than their back-off, and a job that begins ends the row. */
  #noteFailures(changes: readonly Change[], before: State): void {
    for (const change of changes) {
      if (change.kind === 'failed') {
        const pool = poolOf(change);
        const countIn = (state: State): number =>
          state.failures.find((it) => poolOf(it) === pool)?.count ?? 0;
        if (countIn(this.state) === countIn(before)) continue;
        const hour = (this.failed.get(pool) ?? []).filter((at) => change.madeAt - at < HOUR);
        hour.push(change.madeAt);
        this.failed.set(pool, hour);
        if (hour.length > TRIES_AN_HOUR && !this.met.has('a clock that was set back'))
          broken(9, `${hour.length} starts of ${pool} fail within an hour`);
      } else if (change.kind === 'busy' || change.kind === 'job') {
        const one = before.instances.find((it) => it.name === change.name);
        if (one !== undefined) this.failed.delete(poolOf(one));
      } else if (change.kind === 'settled' && change.hadJob) {
        const one = before.suspects.find((it) => it.runnerName === change.runnerName);
        if (one !== undefined) this.failed.delete(poolOf(one));
      }
    }
  }

  #meet(change: Change): void {
    if (change.kind === 'stop') this.met.add(change.reason);
    else this.met.add(change.kind);
    if (change.kind === 'job' || change.kind === 'busy') {
      const one = this.state.instances.find((it) => it.name === change.name);
      const id = change.job?.id ?? null;
      if (id !== null && one !== undefined && one.forJob !== id) this.met.add('theft');
      if (change.kind === 'busy' && change.job === null)
        this.met.add('a runner that was busy when asked to go');
    }
  }

  #save(): void {
    this.saved = this.state;
    this.#savedAt = this.#world.instant;
  }

  /** The process dies and another takes its place. */
  crash(): void {
    this.#die();
    this.#load();
  }

  /** The host loses power, and boots again. */
  reboot(): void {
    this.#die();
    this.#world.reboot();
    this.met.add('another boot');
    this.#load();
  }

  /** A request that was on the wire may arrive all the same. */
  #die(): void {
    this.#dead = true;
    for (const flight of this.flights.splice(0)) if (this.#random() < 0.5) this.#step(flight);
    this.#dead = false;
    this.#doneAt.clear();
  }

  #load(): void {
    const { instant } = this.#world;
    this.state = carriedOver(structuredClone(this.saved), this.#savedAt, instant);
    checkLoaded(this.state, instant.monotonic);
    this.#save();
    this.github = this.#nothingKnown();
    this.host = { ok: false, why: 'not looked at yet' };
  }

  /** The file with the promises is lost; marks and GitHub's list are all that is left. */
  loseLedger(): void {
    this.crash();
    this.state = EMPTY_STATE;
    this.#save();
    this.failed.clear();
  }

  operatorStops(at: number): void {
    const one = this.state.instances[at % Math.max(1, this.state.instances.length)];
    if (one === undefined) return;
    this.asked.add(one.name);
    const deregistered = one.runnerId !== null && this.#world.deregister(one.runnerName) === 'gone';
    const detail = 'stopped by an operator';
    const clean = this.#random() < 0.5;
    const { name } = one;
    this.record([
      { kind: 'stop', name, reason: 'operator', clean, detail, at: this.#world.clock, deregistered },
    ]);
  }

  /** Some effect takes its next step. */
  advance(at: number): void {
    const flight = this.flights[at % Math.max(1, this.flights.length)];
    if (flight === undefined) return;
    // As the real one: an answer that comes between two moments of a millisecond's clock is later than the question.
    const changes = this.#step(flight);
    if (changes !== 'more') {
      this.flights.splice(this.flights.indexOf(flight), 1);
      this.#doneAt.set(flight.key, this.#looks);
      this.record(changes);
    }
    this.#world.now += 1;
  }

  #fails(): boolean {
    return this.#random() < this.trouble;
  }

  #step(flight: Flight): readonly Change[] | 'more' {
    const { effect } = flight;
    switch (effect.kind) {
      case 'start':
        return this.#start(flight, effect.name);
      case 'retire':
        return this.#retire(effect);
      case 'destroy':
        return this.#destroy(flight, effect);
      case 'deregister-orphan':
        return this.#collect(effect.runnerName);
    }
  }

  #find(name: string): Instance {
    const one = this.saved.instances.find((it) => it.name === name);
    if (one === undefined) broken(3, `${name} is worked on and the ledger does not promise it`);
    return one;
  }

  #start(flight: Flight, name: string): readonly Change[] | 'more' {
    const world = this.#world;
    const one = this.#find(name);
    const failed = (deregistered: boolean): readonly Change[] => [
      {
        kind: 'stop',
        name,
        reason: 'start-failed',
        clean: false,
        detail: 'no',
        at: world.clock,
        deregistered,
      },
      ...this.#startFailed(one),
    ];
    flight.step += 1;
    if (flight.step === 1) {
      const labels = this.policy.classes.find((it) => it.name === one.className)?.labels ?? [];
      if (!this.#fails()) {
        const runnerId = world.register(one.runnerName, one.scope, labels);
        this.record([{ kind: 'registered', name, runnerId }]);
        return 'more';
      }
      const withEffect = this.#random() < 0.5;
      if (withEffect) world.register(one.runnerName, one.scope, labels);
      if (this.#random() < 0.4) return failed(!withEffect);
      const { namePrefix, controllerId } = this.policy;
      const next = runnerName(namePrefix, name, controllerId, new Set([one.runnerName]), this.#random);
      this.record([{ kind: 'rename', name, runnerName: next, at: world.clock }]);
      // Stopped meanwhile: the new name was not promised, so it must not be used.
      if (this.#find(name).runnerName !== next) return failed(false);
      flight.step = 0;
      return 'more';
    }
    if (flight.step === 2) {
      const fails = this.#fails();
      if (!fails || this.#random() < 0.5) {
        const { className, scope, subnet, forJob, forAttempt } = one;
        world.create({ className, scope, subnet, runnerName: null, forJob, forAttempt }, name);
      }
      return fails ? failed(false) : 'more';
    }
    this.record([{ kind: 'started', name, at: world.clock }]);
    const fails = this.#fails();
    if (!fails || this.#random() < 0.5) world.start(name, one.runnerName);
    // A start that may have worked is no failure to clean up: what the host shows decides.
    return fails ? this.#startFailed(one) : [];
  }

  #startFailed(one: Instance): readonly Change[] {
    const at = this.#world.clock;
    const how = { endedAt: at, at, chance: this.#random(), detail: 'no' };
    return failedStart(startOf(one), this.policy, how);
  }

  #retire({ name, reason }: Extract<Effect, { kind: 'retire' }>): readonly Change[] {
    const one = this.#find(name);
    const at = this.#world.clock;
    const known = one.runnerId !== null || this.#world.runners.has(one.runnerName);
    if (this.#fails()) {
      const draw = this.#random();
      if (draw < 0.3) this.#world.deregister(one.runnerName);
      if (draw < 0.8) return [];
      this.lied.add(name);
      return [{ kind: 'busy', name, at, job: null }];
    }
    if (this.#world.deregister(one.runnerName) === 'busy') return [{ kind: 'busy', name, at, job: null }];
    return [{ kind: 'stop', name, reason, clean: false, detail: 'deregistered', at, deregistered: known }];
  }

  #destroy(
    flight: Flight,
    { name, clean }: Extract<Effect, { kind: 'destroy' }>,
  ): readonly Change[] | 'more' {
    const world = this.#world;
    const one = this.#find(name);
    if (one.phase !== 'stopping') broken(4, `${name} is destroyed while it is ${one.phase}`);
    if (clean) {
      flight.killAt ??= world.now + 60 * SECOND;
      if (world.isAtWork(name) && world.now < flight.killAt) return 'more';
    }
    if (this.#fails()) {
      if (this.#random() < 0.5) this.#kill(one);
      return [];
    }
    this.#kill(one);
    world.remove(name);
    return [];
  }

  /** The heart of it: what may be killed, and what not. */
  #kill(one: Instance): void {
    const world = this.#world;
    const container = world.containers.get(one.name);
    if (container?.state !== 'running') return;
    const { job, forgedAt } = container;
    const licensed = this.asked.has(one.name);
    if (job !== null && !licensed) {
      // Of one that was adopted nobody knows when its job began, so its time-out counts from its start.
      const adoptedAt = one.stages.reservedAt === null ? container.startedAt : null;
      const since = Math.min(job.startedAt ?? world.now, forgedAt ?? world.now, adoptedAt ?? world.now);
      const lied = this.lied.has(one.name);
      if (world.now - since < this.#timeout(one) && !lied) {
        broken(4, `${one.name} runs job ${job.id} and is ended: ${one.stop?.reason ?? 'no reason'}`);
      }
    }
    const late = one.stop?.reason === 'job-timeout';
    if (!licensed && !late && world.runners.has(container.mark.runnerName ?? '')) {
      broken(4, `${one.name} is ended (${one.stop?.reason ?? ''}) while GitHub can still give it a job`);
    }
    world.crash(one.name, null);
  }

  #timeout(one: Instance): Millis {
    return this.policy.classes.find((it) => it.name === one.className)?.jobTimeout ?? 0;
  }

  #collect(name: string): readonly Change[] {
    const debt = this.state.debts.find((it) => it.runnerName === name);
    if (debt === undefined) return [];
    const runnerId = this.#world.runners.get(name)?.id ?? null;
    const answer = this.#fails() ? 'busy' : this.#world.deregister(name);
    if (answer === 'gone') return [{ kind: 'debt-cleared', runnerName: name }];
    const nextTry = this.#world.clock + backoff(debt.attempts + 1, this.#random());
    const reason = 'GitHub refuses: busy';
    return [{ kind: 'refused', runnerName: name, runnerId, reason, nextTry, attempt: true }];
  }
}
