import type { Millis } from '../../src/core/model.ts';
import { MINUTE, runnerClass, SECOND } from '../support/builders.ts';
import { openVirtual, type VirtualOptions, type VirtualRig, type Wanted } from './rig.ts';

/** By how much something that goes wrong may slow down its neighbours. */
export const SLOWER = 1.2;

/** Polls rarer than usual, where long spans are played and no second of them matters. */
export const RARE = { pollInterval: 30 * SECOND };

export const CI = runnerClass({ max: 100 });
export const GPU = runnerClass({ name: 'gpu', labels: ['self-hosted', 'gpu'], max: 100 });

/**
 * A row that is expected to fail, and by its figure: a fault of the rig itself would be no news, so it passes, which turns
 * the row red.
 */
export function byFigure<T extends readonly unknown[]>(
  row: (...args: T) => Promise<void>,
): (...args: T) => Promise<void> {
  return async (...args) => {
    try {
      await row(...args);
    } catch (error) {
      if (error instanceof Error && error.name === 'AssertionError') throw error;
      process.stderr.write(`not a figure, but a fault: ${String(error)}\n`);
    }
  };
}

/** Plays on a rig of its own, for a row that compares two. */
export async function on<T>(options: VirtualOptions, play: (rig: VirtualRig) => Promise<T>): Promise<T> {
  await using rig = openVirtual(options);
  return await play(rig);
}

/** The longest wait of jobs that have so long to be over, in seconds; endless if one did not begin by then. */
export async function longestWait(rig: VirtualRig, jobs: readonly number[], atMost: Millis): Promise<number> {
  await rig.finish(jobs, atMost);
  return Math.max(...rig.waits(jobs));
}

/** How long jobs wait that come one by one, in seconds. */
export async function streamed(
  rig: VirtualRig,
  count: number,
  every: Millis,
  wanted: Wanted = {},
): Promise<readonly number[]> {
  const jobs: number[] = [];
  for (let n = 0; n < count; n += 1) {
    jobs.push(...rig.queue(1, wanted));
    await rig.run(every);
  }
  await rig.finish(jobs, MINUTE);
  return rig.waits(jobs);
}

/** Leaves an idle runner whose job was cancelled before anybody took it, and a GitHub that gives out nothing. */
export async function leaveIdle(rig: VirtualRig, wanted: Wanted = {}): Promise<void> {
  rig.github.configure({ assign: 'nobody' });
  const [job = 0] = rig.queue(1, wanted);
  const isIdle = (): boolean =>
    rig.loop.state.instances.some(({ phase, forJob }) => phase === 'idle' && forJob === job);
  if (!(await rig.run(2 * MINUTE, isIdle))) throw new Error('no runner became idle');
  rig.github.cancelJob(job);
}

/** A run of somebody else's, which stays open; its number. */
export function foreignRun(rig: VirtualRig): number {
  return rig.github.createJob({ labels: ['ubuntu-latest'] }).runId;
}

/** A run of somebody else's, which runs for a minute and is over. */
export function passingRun(rig: VirtualRig): void {
  const { jobId } = rig.github.createJob({ labels: ['ubuntu-latest'] });
  rig.github.startJob(jobId);
  setTimeout(() => rig.github.completeJob(jobId), MINUTE);
}

/** A run whose jobs GitHub cannot tell. */
export function poison(rig: VirtualRig, status: number): void {
  rig.github.addFaults([{ path: `/runs/${foreignRun(rig)}/jobs`, status }]);
}

/** Registrations of one repository are refused. */
export function refuse(rig: VirtualRig): void {
  rig.github.addFaults([{ method: 'POST', path: '/repos/o/a/', status: 403 }]);
}
