import type { Moment } from '../../app.ts';
import { cut } from '../terminal/cells.ts';
import type { Cell, Column } from '../terminal/table.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { DemoJob } from './rows.ts';

type Screen = Pick<Terminal, 'columns' | 'paint'>;
type Shown = Pick<Moment, 'holds' | 'state' | 'now' | 'wall'>;
type Finished = Moment['state']['finished'][number];

const COLUMNS: readonly Column[] = [
  { head: 'JOB' },
  { head: 'NAME', least: 14 },
  { head: 'RAN IN' },
  { head: 'PROMISED', extra: true },
  { head: 'STARTED', extra: true },
  { head: 'READY', extra: true },
  { head: 'ONLINE', extra: true },
  { head: 'BUSY' },
  { head: 'ENDED', extra: true },
  { head: 'GONE' },
  { head: 'END', least: 20 },
];

/** A container that no job ran in because it did not get that far. */
const FAILED_STARTS: ReadonlySet<Finished['reason']> = new Set([
  'died-starting',
  'never-online',
  'start-failed',
]);

/**
 * Each job's path: seconds since GitHub queued it at which the container that ran it reached each stage. A container
 * that was made for another job may have been promised before this one was queued.
 */
export function pathLines(
  jobs: readonly DemoJob[],
  { state, holds, now, wall }: Shown,
  screen: Screen,
): readonly string[] {
  const reasons = new Map(holds.map(({ job, detail }) => [job.id, detail]));
  const rows = jobs.map((job) => {
    const ran = state.finished.find(({ runnerName }) => runnerName === job.runnerName);
    return pathRow(job, ran, job.conclusion ?? reasons.get(job.id) ?? job.status, wall - now);
  });
  const { lines, leftOut } = table(COLUMNS, rows, screen);
  const others = jobs.filter((job) => state.finished.some((ran) => isOfAnother(job, ran))).length;
  return [
    'Seconds after each job was queued:',
    ...lines,
    ...(leftOut.length === 0 ? [] : [`A wider terminal shows ${leftOut.join(', ')} too.`]),
    ...(others === 0
      ? []
      : [`* made for another job: GitHub gave ${others} jobs to any runner with their labels`]),
  ].map((line) => cut(line, screen.columns));
}

function isOfAnother(job: DemoJob, ran: Finished): boolean {
  return ran.runnerName === job.runnerName && ran.forJob !== job.id;
}

/** @param ahead by how much the wall clock is ahead of ours: GitHub, which runs on this host too, has dated the job by it */
function pathRow(job: DemoJob, ran: Finished | undefined, end: string, ahead: number): readonly Cell[] {
  const since = (at: number | null | undefined): string =>
    at === null || at === undefined ? '-' : ((at + ahead - job.createdAt) / 1000).toFixed(2);
  const stages = ran?.stages;
  return [
    String(job.id),
    job.name,
    ran === undefined ? '-' : `${ran.name}${isOfAnother(job, ran) ? ' *' : ''}`,
    since(stages?.reservedAt),
    since(stages?.startedAt),
    since(stages?.readyAt),
    since(stages?.onlineAt),
    since(stages?.busyAt),
    since(stages?.endedAt),
    since(stages?.gone),
    end === 'failure' ? ['red', end] : end,
  ];
}

/** Containers in which nothing ran: what each was made for, and why not. */
export function unusedLines({ state }: Shown, logFile: string, screen: Screen): readonly string[] {
  const unused = state.finished.filter(({ stages }) => stages.busyAt === null);
  const failed = unused.filter(({ reason }) => FAILED_STARTS.has(reason));
  const surplus = unused
    .filter((one) => !failed.includes(one))
    .map(({ name, forJob, reason }) => `${name}, made for ${forJob}, ran nothing: ${reason}`);
  const jobs = [...new Set(failed.map(({ forJob }) => forJob))];
  const stories = jobs.flatMap((job) =>
    failedStartLines(
      failed.filter(({ forJob }) => forJob === job),
      logFile,
    ),
  );
  return [...surplus, ...stories].map((line) => (line.endsWith(logFile) ? line : cut(line, screen.columns)));
}

/** The failed starts for one job: how often, the last reason, and where to read on. A command is not cut. */
function failedStartLines(starts: readonly Finished[], logFile: string): readonly string[] {
  const last = starts.at(-1);
  if (last === undefined) return [];
  const often = starts.length === 1 ? 'once' : `${starts.length} times`;
  return [
    `${last.name} failed to start: ${last.reason}, ${last.detail}`,
    `it was made for ${last.forJob}, ${often}; what the controller saw of it:`,
    `  grep ${last.name} ${logFile}`,
  ];
}
