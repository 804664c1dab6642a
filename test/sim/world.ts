import type { Millis } from '../../src/core/model.ts';
import type { Random } from '../../src/core/naming.ts';
import type {
  Container,
  ContainerMark,
  HostObservation,
  Job,
  JobSignal,
  Runner,
} from '../../src/core/observation.ts';
import type { Instant } from '../../src/core/time/instant.ts';
import { restore } from '../../src/core/time/instant.ts';
import { HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { broken } from './promise.ts';

/** A job as GitHub knows it in truth. */
export interface SimJob {
  readonly id: number;
  readonly runId: number;
  readonly attempt: number;
  readonly scope: string;
  readonly labels: readonly string[];
  readonly queuedAt: Millis;
  /** How long it runs. */
  readonly length: Millis;
  /** Listed as queued and never given to anybody. */
  ghost: boolean;
  status: 'queued' | 'in_progress' | 'completed';
  runner: string | null;
  startedAt: Millis | null;
  endedAt: Millis | null;
}

interface SimRunner {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly labels: ReadonlySet<string>;
  online: boolean;
  job: SimJob | null;
  /** Its container died under a job: GitHub says busy until then. */
  stuckUntil: Millis | null;
}

/** How a container's boot goes. */
type Fate = 'well' | 'never-online' | 'dies' | 'leaves' | 'no-hooks';

/** One boot of the host: its number, and when it was in true time. */
interface Boot {
  readonly number: number;
  readonly at: Millis;
}

interface SimContainer {
  mark: ContainerMark;
  readonly name: string;
  fate: Fate;
  state: Container['state'];
  startedAt: Millis | null;
  readyAt: Millis | null;
  /** The boot of the host that it started in, and by how much the wall clock was wrong then. */
  boot: Boot;
  skew: Millis;
  exit: Container['exit'];
  started: JobSignal | null;
  completed: JobSignal | null;
  job: SimJob | null;
  /** It had a job at some time. */
  worked: boolean;
  online: boolean;
  leavesAt: Millis | null;
  leavesWith: number;
  /** When somebody in it wrote a signal without having a job. */
  forgedAt: Millis | null;
}

const GITHUB_NOTICES_DEATH = 10 * MINUTE;
const LISTED_AFTER_END = 2 * MINUTE;
const VIEWS_KEPT = 12;
/** From the power failure to a controller that runs again. */
const BOOT_TAKES = MINUTE / 2;

/** What GitHub would list at one moment. */
interface View {
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
}

/** GitHub and the host, with a memory and a will of their own. What it knows is the truth; what it shows may lag. */
export class World {
  now: Millis;
  readonly jobs = new Map<number, SimJob>();
  readonly runners = new Map<string, SimRunner>();
  readonly containers = new Map<string, SimContainer>();
  readonly runnerNames = new Set<string>();
  readonly #random: Random;
  readonly #views: View[] = [];
  #boot: Boot;
  #skew = 0;
  #ids = 41_000_000;
  #runs = 1;

  constructor(now: Millis, random: Random) {
    this.now = now;
    this.#boot = { number: 1, at: now - 100 * HOUR };
    this.#random = random;
    this.#remember();
  }

  /** What the host's monotonic clock says. `now` is the true time, GitHub's. */
  get clock(): Millis {
    return this.now - this.#boot.at;
  }

  /** What both clocks of the host say. */
  get instant(): Instant {
    return instantIn(this.#boot, this.now, this.#skew);
  }

  /** Sets the host's wall clock forwards or back. */
  setWall(by: Millis): void {
    this.#skew += by;
  }

  queue(scope: string, labels: readonly string[], length: Millis, ghost: boolean): void {
    this.#runs += this.#random() < 0.5 ? 1 : 0;
    this.#add({ runId: this.#runs, attempt: 1, scope, labels, length, ghost });
  }

  rerun(at: number): void {
    const over = [...this.jobs.values()].filter((job) => job.status === 'completed');
    const one = over[at % Math.max(1, over.length)];
    if (one !== undefined) this.#add({ ...one, attempt: one.attempt + 1, ghost: false });
  }

  #add(job: Pick<SimJob, 'runId' | 'attempt' | 'scope' | 'labels' | 'length' | 'ghost'>): void {
    // Steps of ten millions now and then: the last seven digits collide.
    this.#ids += this.#random() < 0.3 ? 10_000_000 : 1;
    const rest = {
      queuedAt: this.now,
      status: 'queued',
      runner: null,
      startedAt: null,
      endedAt: null,
    } as const;
    const { runId, attempt, scope, labels, length, ghost } = job;
    this.jobs.set(this.#ids, { id: this.#ids, runId, attempt, scope, labels, length, ghost, ...rest });
  }

  cancel(at: number): void {
    const alive = [...this.jobs.values()].filter((job) => job.status !== 'completed');
    const job = alive[at % Math.max(1, alive.length)];
    if (job !== undefined) this.#finish(job);
  }

  /** Whoever queued what nobody is ever given cancels it. */
  exorcise(): void {
    for (const job of this.jobs.values()) if (job.ghost && job.status === 'queued') this.#finish(job);
  }

  /** Registers; fails as a broken promise when the name was ever used. */
  register(name: string, scope: string, labels: readonly string[]): number {
    if (this.runnerNames.has(name)) broken(2, `the runner name ${name} is used twice`);
    this.runnerNames.add(name);
    const id = this.runnerNames.size;
    const folded = new Set(labels.map((label) => label.toLowerCase()));
    this.runners.set(name, { id, name, scope, labels: folded, online: false, job: null, stuckUntil: null });
    return id;
  }

  deregister(name: string): 'gone' | 'busy' {
    const runner = this.runners.get(name);
    if (runner?.job != null) return 'busy';
    this.runners.delete(name);
    return 'gone';
  }

  create(mark: ContainerMark, name: string): void {
    if (this.containers.has(name)) broken(2, `${name} is made while another of that name exists`);
    const draw = this.#random();
    const fate: Fate =
      draw < 0.75
        ? 'well'
        : draw < 0.85
          ? 'no-hooks'
          : draw < 0.9
            ? 'never-online'
            : draw < 0.96
              ? 'dies'
              : 'leaves';
    this.containers.set(name, {
      mark,
      name,
      fate,
      state: 'created',
      startedAt: null,
      readyAt: null,
      boot: this.#boot,
      skew: 0,
      exit: null,
      started: null,
      completed: null,
      job: null,
      worked: false,
      online: false,
      leavesAt: null,
      leavesWith: 0,
      forgedAt: null,
    });
  }

  start(name: string, runnerName: string): void {
    const one = this.containers.get(name);
    if (one === undefined || one.state !== 'created') return;
    one.state = 'running';
    one.mark = { ...one.mark, runnerName };
    one.startedAt = this.now;
    one.boot = this.#boot;
    one.skew = this.#skew;
    if (one.fate === 'dies') this.#leave(one, 3 * SECOND, 1);
    if (one.fate === 'leaves') this.#leave(one, 5 * SECOND, 0);
  }

  /** A registration vanishes under its runner, which notices nothing. */
  forget(at: number): void {
    const idle = [...this.runners.values()].filter(({ job }) => job === null);
    const one = idle[at % Math.max(1, idle.length)];
    if (one !== undefined) this.runners.delete(one.name);
  }

  /** The container is over at once; its runner's job, if it had one, is lost. */
  crash(name: string, code: number | null): void {
    const one = this.containers.get(name);
    if (one?.state === 'running') this.#end(one, code, code === null ? 'killed' : `exit ${code}`);
  }

  remove(name: string): void {
    this.crash(name, null);
    this.containers.delete(name);
  }

  /** Power fails: what ran is over, all that remains of it is what stands on disk, and the monotonic clock begins anew. */
  reboot(): void {
    for (const one of this.containers.values()) {
      if (one.state !== 'running') continue;
      this.#end(one, null, 'the host went down');
      if (this.#random() < 0.5)
        Object.assign(one, { state: 'created', startedAt: null, readyAt: null, exit: null });
    }
    this.#boot = { number: this.#boot.number + 1, at: this.now };
    this.now += BOOT_TAKES;
  }

  forge(at: number): void {
    const running = [...this.containers.values()].filter((one) => one.state === 'running');
    const one = running[at % Math.max(1, running.length)];
    if (one === undefined) return;
    const written: JobSignal = { runId: Math.floor(this.#random() * 9), runAttempt: 1, repository: 'x/y' };
    if (one.job === null) one.forgedAt ??= this.now;
    if (this.#random() < 0.7) one.started = written;
    else one.completed = written;
  }

  /** Whether its runner works on a job at this moment. */
  isAtWork(name: string): boolean {
    const one = this.containers.get(name);
    return one?.state === 'running' && one.job !== null;
  }

  /** Time passes and the world goes its way; `gives`: how readily GitHub hands out jobs. */
  pass(ms: Millis, gives = 0.7): void {
    const until = this.now + ms;
    const slice = Math.max(20 * SECOND, ms / 8);
    while (this.now < until) {
      this.now = Math.min(until, this.now + slice);
      this.#move();
      this.#give(gives);
      this.#remember();
    }
  }

  #move(): void {
    for (const one of this.containers.values()) {
      if (one.state !== 'running' || one.startedAt === null) continue;
      if (this.now >= one.startedAt + SECOND) one.readyAt ??= one.startedAt + SECOND;
      const runner = this.runners.get(one.mark.runnerName ?? '');
      if (one.job === null && one.leavesAt === null) {
        if (runner === undefined)
          this.#leave(one, this.#random() * 10 * SECOND, this.#random() < 0.5 ? 0 : 1);
        else if (one.fate !== 'never-online' && this.now >= one.startedAt + 2 * SECOND) {
          one.online = true;
          runner.online = true;
        }
      }
      const { job } = one;
      if (job?.startedAt != null && this.now >= job.startedAt + job.length) this.#finish(job);
      if (one.leavesAt !== null && this.now >= one.leavesAt)
        this.#end(one, one.leavesWith, `exit ${one.leavesWith}`);
    }
    for (const runner of this.runners.values()) {
      if (runner.stuckUntil === null || this.now < runner.stuckUntil) continue;
      if (runner.job !== null) this.#over(runner.job);
      this.runners.delete(runner.name);
    }
  }

  #give(gives: number): void {
    for (const job of this.jobs.values()) {
      if (job.status !== 'queued' || job.ghost || this.#random() >= gives) continue;
      const free = [...this.runners.values()].filter(
        (it) =>
          it.online &&
          it.job === null &&
          it.scope === job.scope &&
          job.labels.length > 0 &&
          job.labels.every((label) => it.labels.has(label.toLowerCase())),
      );
      const runner = free[Math.floor(this.#random() * free.length)];
      if (runner === undefined) continue;
      runner.job = job;
      Object.assign(job, { status: 'in_progress', runner: runner.name, startedAt: this.now });
      const one = this.#containerOf(runner.name);
      if (one === undefined) continue;
      one.job = job;
      one.worked = true;
      if (one.fate !== 'no-hooks') one.started ??= signalOf(job);
    }
  }

  #containerOf(runnerName: string): SimContainer | undefined {
    return [...this.containers.values()].find(
      (it) => it.mark.runnerName === runnerName && it.state === 'running',
    );
  }

  #leave(one: SimContainer, after: Millis, code: number): void {
    one.leavesAt = this.now + after;
    one.leavesWith = code;
  }

  #over(job: SimJob): void {
    job.status = 'completed';
    job.endedAt = this.now;
  }

  /** A job ends and its runner is done: GitHub forgets it a moment before its container exits. */
  #finish(job: SimJob): void {
    this.#over(job);
    const runner = job.runner === null ? undefined : this.runners.get(job.runner);
    if (runner === undefined || runner.stuckUntil !== null) return;
    this.runners.delete(runner.name);
    const one = this.#containerOf(runner.name);
    if (one === undefined) return;
    one.job = null;
    if (one.fate !== 'no-hooks') one.completed ??= signalOf(job);
    this.#leave(one, this.#random() * 40 * SECOND, this.#random() < 0.9 ? 0 : 1);
  }

  #end(one: SimContainer, code: number | null, detail: string): void {
    one.state = 'ended';
    one.exit = { code, detail };
    one.job = null;
    const runner = this.runners.get(one.mark.runnerName ?? '');
    if (runner === undefined) return;
    runner.online = false;
    if (runner.job !== null) runner.stuckUntil = this.now + GITHUB_NOTICES_DEATH;
  }

  #remember(): void {
    const jobs: Job[] = [];
    for (const job of this.jobs.values()) {
      if (job.status === 'completed' && this.now - (job.endedAt ?? 0) > LISTED_AFTER_END) continue;
      const { id, runId, attempt, scope, labels, queuedAt, status, runner } = job;
      const runnerName = runner;
      jobs.push({
        id,
        runId,
        runAttempt: attempt,
        repository: scope,
        scope,
        status,
        labels,
        queuedAt,
        runnerName,
      });
    }
    const runners = [...this.runners.values()].map(({ id, name, scope, online, job }) => {
      const lies = this.#random() < 0.1;
      return { id, name, scope, online, busy: (job !== null) !== lies };
    });
    this.#views.push({ jobs, runners });
    if (this.#views.length > VIEWS_KEPT) this.#views.shift();
  }

  /** What GitHub lists now, or `lag` moments ago. */
  view(lag: number): View {
    if (lag === 0) this.#remember();
    const view = this.#views[Math.max(0, this.#views.length - 1 - lag)];
    return view ?? { jobs: [], runners: [] };
  }

  /** What the host shows. */
  look(): HostObservation {
    const containers = [...this.containers.values()].map((one) => {
      const { name, state, exit, started, completed, mark } = one;
      const at = (time: Millis | null): Millis | null =>
        time === null ? null : restore(instantIn(one.boot, time, one.skew), this.instant);
      const startedAt = at(one.startedAt);
      return { name, state, startedAt, readyAt: at(one.readyAt), exit, started, completed, mark };
    });
    return { askedAt: this.clock, containers, namesInUse: [], subnetsInUse: [], freeDisk: null };
  }
}

function instantIn(boot: Boot, time: Millis, skew: Millis): Instant {
  return { boot: `boot-${boot.number}`, monotonic: time - boot.at, wall: time + skew };
}

function signalOf(job: SimJob): JobSignal {
  return { runId: job.runId, runAttempt: job.attempt, repository: job.scope };
}
