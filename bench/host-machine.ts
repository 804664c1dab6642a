import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { remains } from '../test/host/support/leaks.ts';
import { sh } from '../test/host/support/shell.ts';
import type { RealEngine } from '../test/host/support/stage.ts';
import * as stage from '../test/host/support/stage.ts';
import { bareStarts } from './host-bare.ts';
import { destroyTwenty } from './host-destroy.ts';
import { installTrace, readTrace } from './host-trace.ts';
import { median, rounded } from './report.ts';

/** What the ledger keeps of an instance that is over; epoch milliseconds. */
interface Finished {
  readonly reason: string;
  readonly job: { readonly id: number | null } | null;
  readonly stages: Readonly<Record<'seenAt' | 'busyAt' | 'endedAt' | 'gone', number | null>>;
}

const ROUNDS = 7;
const FAILED_STARTS = new Set(['start-failed', 'died-starting', 'never-online', 'vanished', 'interrupted']);
const figures: Record<string, unknown> = {};

interface LedgerFile {
  readonly finished: readonly Finished[];
  readonly clock: { readonly monotonic: number; readonly wall: number };
}

function ledger(): LedgerFile | null {
  const path = join(stage.STATE_DIR, 'state.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LedgerFile) : null;
}

function finished(): readonly Finished[] {
  return ledger()?.finished ?? [];
}

function between(from: 'seenAt' | 'endedAt', to: 'busyAt' | 'gone', some: readonly Finished[]): number[] {
  return some
    .map(({ stages }) => (stages[to] ?? Number.NaN) - (stages[from] ?? Number.NaN))
    .filter((ms) => !Number.isNaN(ms));
}

/** Queues jobs at once and waits until each is over and nothing is left; the instances that came of it. */
async function runJobs(count: number, script: string): Promise<readonly Finished[]> {
  const before = finished().length;
  await stage.queueJobs(count, script);
  await stage.until('all jobs are over', 600, stage.jobs, (all) =>
    all.every(({ status }) => status === 'completed'),
  );
  await stage.until('the instances are gone', 120, finished, (all) => all.length >= before + count);
  await stage.until('nothing is left', 120, remains, (left) => left.length === 0);
  return finished().slice(before);
}

/** From the end of a job, as GitHub was told, to the container gone from the host. */
async function slotFree(): Promise<number[]> {
  const ends = new Map((await stage.jobs()).map(({ id, completedAt }) => [id, completedAt]));
  const { monotonic, wall } = ledger()?.clock ?? { monotonic: 0, wall: 0 };
  return finished().flatMap(({ job, stages }) => {
    const end = ends.get(job?.id ?? 0);
    return typeof end === 'number' && stages.gone !== null ? [stages.gone + wall - monotonic - end] : [];
  });
}

async function withController(
  engine: RealEngine,
  more: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  rmSync(stage.STATE_DIR, { recursive: true, force: true });
  using github = await stage.openGithub(['--theft']);
  stage.startService(engine, more);
  try {
    await work();
  } finally {
    sh(`systemctl stop ${stage.UNIT}`);
    github[Symbol.dispose]();
  }
}

async function registrationMs(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const began = performance.now();
    await stage.register(`bench-${n}`);
    times.push(performance.now() - began);
  }
  return median(times);
}

function line(text: string): void {
  console.log(text);
}

async function startUp(engine: RealEngine): Promise<void> {
  const bare = await bareStarts(1, ROUNDS);
  const bareSeven = Math.max(...(await bareStarts(7, 1)));
  await withController(engine, {}, async () => {
    const registration = await registrationMs();
    await runJobs(1, 'true');
    const single: number[] = [];
    for (let n = 0; n < ROUNDS; n += 1)
      single.push(...between('seenAt', 'busyAt', await runJobs(1, 'sleep 0.1')));
    const seven = Math.max(...between('seenAt', 'busyAt', await runJobs(7, 'sleep 1')));
    const free = await slotFree();
    const floor = median(bare) + registration;
    figures[engine] = {
      bareMs: rounded(median(bare)),
      registrationMs: rounded(registration),
      startedMs: rounded(median(single)),
      startedRatio: rounded(median(single) / floor, 2),
      bareSevenMs: rounded(bareSeven),
      sevenMs: rounded(seven),
      sevenRatio: rounded(seven / bareSeven, 2),
      slotFreeMs: rounded(median(free)),
    };
    line(
      `${engine}: job visible to started, median of ${ROUNDS}: ${rounded(median(single))} ms, ${rounded(median(single) / floor, 2)} times a bare start (${rounded(median(bare))} ms) and one registration (${rounded(registration)} ms)`,
    );
    line(
      `${engine}: slowest of 7 at once: ${rounded(seven)} ms, ${rounded(seven / bareSeven, 2)} times that of 7 bare starts (${rounded(bareSeven)} ms)`,
    );
    line(`${engine}: slot free after the job's end, median of ${free.length}: ${rounded(median(free))} ms`);
  });
}

async function twenty(engine: RealEngine): Promise<void> {
  await withController(engine, { MAX_CONCURRENT: '20' }, async () => {
    const began = Date.now();
    const all = await runJobs(20, 'sleep 8');
    const others = all.map(({ reason }) => reason).filter((reason) => reason !== 'job-finished');
    const failed = others.filter((reason) => FAILED_STARTS.has(reason)).length;
    const slowest = Math.max(...between('seenAt', 'busyAt', all));
    figures[`${engine}-twenty`] = {
      slowestMs: slowest,
      failed,
      others,
      seconds: rounded((Date.now() - began) / 1000),
    };
    line(
      `${engine}: 20 at once: slowest started after ${rounded(slowest / 1000)} s, failed starts ${failed}`,
    );
  });
}

async function hundred(engine: RealEngine): Promise<void> {
  await withController(engine, {}, async () => {
    const began = Date.now();
    await stage.queueJobs(100, 'sleep 0.2');
    await stage.until('all jobs are over', 600, stage.jobs, (all) =>
      all.every(({ status }) => status === 'completed'),
    );
    const seconds = (Date.now() - began) / 1000;
    await stage.until('nothing is left', 120, remains, (left) => left.length === 0);
    const { ranTwice, neverRan, runnersLeft, thefts } = await stage.report();
    figures[`${engine}-hundred`] = {
      seconds: rounded(seconds),
      thefts: thefts.length,
      ranTwice,
      neverRan,
      runnersLeft,
    };
    line(
      `${engine}: 100 jobs through 7 slots: ${rounded(seconds)} s, thefts ${thefts.length}, run twice ${ranTwice.length}, left behind 0`,
    );
  });
}

/** The controller is killed at 20 moments that are spread over all stages of containers. */
async function killed(engine: RealEngine): Promise<void> {
  await withController(engine, {}, async () => {
    await stage.queueJobs(30, 'sleep 1');
    for (let kills = 0; kills < 20; kills += 1) {
      await delay(300 + ((kills * 337) % 900));
      sh(`systemctl kill --kill-whom=main --signal=KILL ${stage.UNIT} || true`);
    }
    await stage.until('all jobs are over', 600, stage.jobs, (all) =>
      all.every(({ status }) => status === 'completed'),
    );
    const over = Date.now();
    await stage.until('nothing is left', 120, remains, (left) => left.length === 0);
    const lost = (await stage.jobs()).filter(({ conclusion }) => conclusion !== 'success').length;
    const seconds = rounded((Date.now() - over) / 1000);
    figures[`${engine}-killed`] = { kills: 20, jobs: 30, lost, seconds };
    line(
      `${engine}: controller killed 20 times under 30 jobs: lost ${lost}; nothing left ${seconds} s after the last job`,
    );
  });
}

async function restarted(engine: RealEngine): Promise<void> {
  await withController(engine, {}, async () => {
    await stage.queueJobs(7, 'sleep 15');
    await stage.until(
      'seven jobs run',
      120,
      stage.jobs,
      (all) => all.filter(({ status }) => status === 'in_progress').length === 7,
    );
    sh(`systemctl restart ${stage.UNIT}`);
    await stage.until('all jobs are over', 120, stage.jobs, (all) =>
      all.every(({ status }) => status === 'completed'),
    );
    await stage.until('nothing is left', 120, remains, (left) => left.length === 0);
    const lost = (await stage.jobs()).filter(({ conclusion }) => conclusion !== 'success').length;
    figures[`${engine}-restarted`] = { jobs: 7, lost };
    line(`${engine}: controller restarted under 7 running jobs: lost ${lost}`);
  });
}

async function trace(engine: RealEngine): Promise<void> {
  await withController(engine, { PATH: installTrace() }, async () => {
    await runJobs(1, 'true');
    await delay(100);
    readTrace();
    await runJobs(1, 'sleep 0.1');
    const started = readTrace().filter((command) => !command.includes('systemctl show'));
    const nix = started.filter((command) =>
      /^nix-(build|instantiate|shell)|^nix |^nix-env (?!.*--set )/.test(command),
    );
    figures[`${engine}-processes`] = started;
    line(
      `${engine}: ${started.length} programs started for one job, Nix evaluations, builds or copies among them: ${nix.length}`,
    );
  });
}

mkdirSync(stage.STATE_DIR, { recursive: true, mode: 0o700 });
const asked = process.argv.slice(2);
for (const engine of ['nspawn', 'nixos-container'] satisfies RealEngine[]) {
  if (asked.length > 0 && !asked.includes(engine)) continue;
  await startUp(engine);
  await twenty(engine);
  const destroyed = await destroyTwenty(engine);
  figures[`${engine}-destroy`] = destroyed;
  line(
    `${engine}: 20 finished containers destroyed in parallel: ${destroyed.seconds} s, left behind ${destroyed.left}`,
  );
  await trace(engine);
  await hundred(engine);
  await killed(engine);
  await restarted(engine);
}
console.log(JSON.stringify(figures));
