/** What goes wrong, and what it costs everybody else: hours of a whole controller, in virtual time. */
import { applyAll } from '../src/core/apply/apply.ts';
import type { Change } from '../src/core/change.ts';
import type { State } from '../src/core/model.ts';
import { statusView } from '../src/core/view.ts';
import { draws, HOUR, instance, MINUTE, NOW, policy, SECOND, state } from '../test/support/builders.ts';
import { foreignRun, longestWait, on, poison, RARE, refuse, streamed } from '../test/virtual/play.ts';
import type { VirtualRig } from '../test/virtual/rig.ts';
import type { Behaviour } from '../test/virtual/runner.ts';
import type { Found } from './report.ts';
import { median, quantile, rounded } from './report.ts';

const POLL = 10 * SECOND;
const EVERY_10_S = { pollInterval: POLL };
/** Each of these ends without a job, so its container is one more. */
const JOBLESS: readonly Behaviour[] = ['never-online', 'dies-at-boot', 'leaves-with-0', 'leaves-with-1'];
/** Each of these runs its job, and misbehaves before or after it. */
const WORKING: readonly Behaviour[] = ['no-hooks', 'stays-after-job', 'stays-after-job-unsaid'];

interface Compared {
  readonly beside: number;
  readonly alone: number;
  readonly ratio: number;
}

/** Seconds with what goes wrong and without it. */
async function compared(play: (goesWrong: boolean) => Promise<number>): Promise<Compared> {
  const beside = await play(true);
  const alone = await play(false);
  return { beside: rounded(beside), alone: rounded(alone), ratio: rounded(beside / alone, 2) };
}

function says({ beside, alone, ratio }: Compared): string {
  return `${beside} s against ${alone} s: ${ratio} (target 1.2)`;
}

function besideForeign(foreign: boolean): Promise<number> {
  return on({ policy: EVERY_10_S }, async (rig) => {
    if (foreign) {
      for (let n = 0; n < 500; n += 1) foreignRun(rig);
      poison(rig, 502);
      rig.github.addFaults([{ path: `/runs/${foreignRun(rig)}/jobs`, hang: true }]);
    }
    await rig.run(30 * SECOND);
    return quantile(await streamed(rig, 20, 17 * SECOND), 0.95);
  });
}

/** A list that GitHub cuts at a thousand, and a new run at its head. */
function cutList() {
  return on({ policy: EVERY_10_S }, async (rig) => {
    for (let n = 0; n < 5_000; n += 1) foreignRun(rig);
    await rig.run(3 * MINUTE);
    // Anywhere between two polls.
    await rig.run(3_700);
    const queuedAt = rig.time.now();
    const [id = 0] = rig.queue(1);
    const isReserved = (): boolean => rig.loop.state.instances.some(({ forJob }) => forJob === id);
    const reserved = await rig.run(5 * MINUTE, isReserved);
    const seconds = (rig.time.now() - queuedAt) / SECOND;
    const { problems } = statusView(rig.loop.moment(), policy(EVERY_10_S)).github;
    return {
      reserved,
      seconds: rounded(seconds),
      polls: Math.ceil(seconds / (POLL / SECOND)),
      says: problems.find(({ what }) => what === 'queued runs')?.why ?? null,
    };
  });
}

/** The first job after a power cut that left so many registrations, which GitHub takes for busy. */
function besideDebts(debts: boolean): Promise<number> {
  return on({ policy: { ...EVERY_10_S, maxConcurrent: 100 } }, async (rig) => {
    const before = rig.queue(debts ? 100 : 0, { duration: HOUR, oneRun: true });
    await rig.run(3 * MINUTE, () => rig.waits(before).every(Number.isFinite));
    rig.kill();
    rig.engine.loseAll();
    rig.start();
    await rig.run(10 * SECOND);
    return longestWait(rig, rig.queue(1), MINUTE);
  });
}

function besideRefusing(refuses: boolean): Promise<number> {
  return on({ scopes: ['o/a', 'o/b'], policy: EVERY_10_S }, async (rig) => {
    if (refuses) refuse(rig);
    rig.queue(5, { repo: 'o/a' });
    return median(await streamed(rig, 21, 17 * SECOND, { repo: 'o/b' }));
  });
}

/** Containers in an hour of one job whose runners all do this. */
function triesOf(behaviour: Behaviour): Promise<number> {
  return on({ policy: { pollInterval: MINUTE }, behaves: () => behaviour }, async (rig) => {
    rig.queue(1);
    await rig.run(HOUR);
    return rig.containers();
  });
}

function afterIncident(): Promise<number> {
  return on({ policy: { maxConcurrent: 10, ...RARE } }, async (rig) => {
    rig.github.configure({ assign: 'nobody' });
    const jobs = rig.queue(8);
    await rig.run(25 * MINUTE);
    rig.github.configure({ assign: 'random' });
    return (await longestWait(rig, jobs, 10 * MINUTE)) - (25 * MINUTE) / SECOND;
  });
}

function lateBurst(): Promise<number> {
  const lag = 5 * SECOND;
  const switches = { jobLagMs: lag, runnerListLagMs: lag, runnerStateLagMs: lag };
  return on({ policy: { maxConcurrent: 50 }, switches }, async (rig) => {
    await rig.finish(rig.queue(50, { oneRun: true }), 5 * MINUTE);
    return rig.containers();
  });
}

/** Every fault at its rate, a restart and a kill. */
function badHour() {
  const lag = 3 * SECOND;
  const chance = draws(7);
  const misbehaving = [...JOBLESS, ...WORKING];
  const behaves = (): Behaviour =>
    chance() < 0.03 ? (misbehaving[Math.floor(chance() * misbehaving.length)] ?? 'well') : 'well';
  const switches = {
    assign: 'theft' as const,
    jobLagMs: lag,
    runnerListLagMs: lag,
    runnerStateLagMs: lag,
  };
  return on({ policy: { ...EVERY_10_S, maxConcurrent: 20 }, switches, behaves }, async (rig) => {
    rig.github.addFaults([{ probability: 0.02, status: 502 }]);
    const jobs: number[] = [];
    const blows: Readonly<Record<number, () => Promise<void>>> = {
      30: () => restart(rig),
      60: () => kill(rig),
    };
    for (let n = 0; n < 90; n += 1) {
      jobs.push(...rig.queue(4, { duration: (5 + 55 * chance()) * SECOND }));
      await rig.run(40 * SECOND);
      await blows[n]?.();
    }
    const allOver = await rig.finish(jobs);
    await rig.run(15 * MINUTE);
    const misbehaved = rig.engine.made.filter(({ behaviour }) => behaviour !== 'well');
    const jobless = misbehaved.filter(({ tookJob }) => tookJob === null).length;
    const wasted = rig.containers() - jobs.length - jobless;
    return {
      jobs: jobs.length,
      allOver,
      containers: rig.containers(),
      misbehaved: misbehaved.length,
      jobless,
      wastedPercent: rounded((100 * wasted) / jobs.length, 2),
      longestWaitSeconds: rounded(Math.max(...rig.waits(jobs))),
      wrong: rig.leftovers(),
    };
  });
}

async function restart(rig: VirtualRig): Promise<void> {
  await rig.stop();
  rig.start();
}

function kill(rig: VirtualRig): Promise<void> {
  rig.kill();
  rig.start();
  return Promise.resolve();
}

/** CPU milliseconds, the median, in which so many instances end at once, each with a job that GitHub has not named. */
function endingsOf(count: number, claimed: boolean): number {
  const names = Array.from({ length: count }, (_, n) => `j${n + 1}`);
  const idle = state({ instances: names.map((name) => instance(name)) });
  const begun = names.map((name): Change => ({ kind: 'busy', name, at: NOW, job: null }));
  const before: State = claimed ? applyAll(idle, begun) : idle;
  const all = names.map((name): Change => ({
    kind: 'stop',
    name,
    reason: 'job-finished',
    clean: false,
    detail: 'exit 0',
    at: NOW,
    deregistered: true,
  }));
  const REPEATED = 20;
  const once = (): number => {
    const from = process.cpuUsage();
    for (let n = 0; n < REPEATED; n += 1) applyAll(before, all);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1_000 / REPEATED;
  };
  once();
  return median(Array.from({ length: 15 }, once));
}

function endings(claimed: boolean) {
  const [hundred, thousand] = [endingsOf(100, claimed), endingsOf(1_000, claimed)];
  return {
    cpuMs: rounded(thousand, 2),
    cpuMsOf100: rounded(hundred, 3),
    ratio: rounded(thousand / hundred),
  };
}

/** The figures of contract and design that need a whole controller, and hours. */
export async function virtual(): Promise<Found> {
  const foreign = await compared(besideForeign);
  const cut = await cutList();
  const debts = await compared(besideDebts);
  const refusing = await compared(besideRefusing);
  const tries: Record<string, number> = {};
  for (const behaviour of [...JOBLESS, ...WORKING]) tries[behaviour] = await triesOf(behaviour);
  const incident = rounded(await afterIncident());
  const burst = await lateBurst();
  const hour = await badHour();
  const [ends, endsOfClaimed] = [endings(false), endings(true)];
  const linear = ({ cpuMs, ratio }: typeof ends): string => `${cpuMs} ms of CPU, ${ratio} × those of 100`;
  return {
    figures: { foreign, cut, debts, refusing, tries, incident, burst, hour, ends, endsOfClaimed },
    lines: [
      `wait p95 beside 500 foreign runs, one poisoned, one hanging: ${says(foreign)}`,
      `new run beside 5000 foreign ones: ${cut.reserved ? 'reserved' : 'not reserved'} within ${cut.polls} polls, ${cut.seconds} s (target 2); told: ${cut.says ?? 'nothing'}`,
      `first job beside 100 refused debts: ${says(debts)}`,
      `median wait beside a repository that refuses registrations: ${says(refusing)}`,
      `containers in an hour (target 12): ${Object.entries(tries)
        .map(([behaviour, count]) => `${behaviour} ${count}`)
        .join(', ')}`,
      `longest wait after 25 minutes in which GitHub gave out nothing: ${incident} s (target 60)`,
      `burst of 50, lists 5 s late: ${burst} containers (target 51)`,
      `an hour of faults: ${hour.jobs} jobs, ${hour.containers} containers, ${hour.jobless} of them misbehaved without a job; wasted ${hour.wastedPercent} % (target 2); longest wait ${hour.longestWaitSeconds} s; wrong: ${hour.wrong.join('; ') || 'nothing'}`,
      `1000 instances end at once: ${linear(ends)}; with unnamed jobs ${linear(endsOfClaimed)} (target 20 ms, linear: 10)`,
    ],
  };
}
