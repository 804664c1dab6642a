import { githubWith, NO_LIMITS, openLocal } from '../support/in-process.ts';
import { GENEROUS, FAILING, queueJobs, wrongs } from '../support/load.ts';
import { nodeProgram, programPath } from '../support/program.ts';
import { openStage } from '../support/stage.ts';
import { until } from '../support/wait.ts';

/** Where the controller is killed. */
export interface CrashPoint {
  /** Its n-th effect: create, start, settled, destroy, register, deregister or a ledger's save. */
  readonly effect: number;
  readonly when: 'before' | 'after';
  /** Seeds the simulated GitHub. */
  readonly seed?: number;
}

/** What became of a run whose controller was killed. */
export interface CrashRun {
  readonly point: CrashPoint;
  /** False: the run was over before it had so many effects. */
  readonly crashed: boolean;
  /** From the next controller's start until nothing was left. */
  readonly settledMs: number;
  /** Empty when all is well. */
  readonly wrongs: readonly string[];
}

/** The contract gives the next controller two minutes to be rid of what is of no use any more. */
const PATIENCE = 120_000;
/** Jobs run as long as they run: on a busy machine the twelve of a run alone take minutes. */
const JOBS_TAKE = 5 * PATIENCE;
/** Longer than all that a run waits for, so that the wait that was in vain is what is told, and the run ends itself. */
export const CRASH_RUN = { timeout: 2 * JOBS_TAKE + 4 * PATIENCE };

/** Runs so many jobs with theft and failing requests, kills the controller, and lets another go on. */
export async function crashRun(point: CrashPoint, jobs: number): Promise<CrashRun> {
  await using stage = await openStage({
    seed: point.seed ?? point.effect,
    env: { MAX_CONCURRENT: '4', LOG_LEVEL: 'warn' },
    switches: { ...GENEROUS, assign: 'theft' },
  });
  stage.github.addFaults(FAILING);
  queueJobs(stage.github, jobs, 'sleep 0.1');
  const argv = [programPath('crash-entry.ts'), String(point.effect), point.when];
  let crashed = false;
  {
    await using first = nodeProgram(argv, stage.env);
    const over = (): boolean => first.isOver || stage.github.report().openJobs.length === 0;
    await until('the first controller to die', over, JOBS_TAKE);
    crashed = first.isOver;
    if (crashed && (await first.ended).signal !== 'SIGKILL') {
      throw new Error(`it ended by itself: ${(await first.ended).stderr}`);
    }
  }
  const began = Date.now();
  await using next = await openLocal(stage, { github: githubWith(stage.config(), NO_LIMITS) });
  const found: string[] = [];
  try {
    await until('every job to be over', () => stage.github.report().openJobs.length === 0, JOBS_TAKE);
    await next.untilQuiet(PATIENCE);
    await stage.untilNothingIsLeft();
  } catch (error) {
    found.push(String(error));
  }
  found.push(...wrongs(stage.github.report()));
  return { point, crashed, settledMs: Date.now() - began, wrongs: found };
}
