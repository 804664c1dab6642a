import { clean, durationText } from '../core/text.ts';
import type { Status } from '../http/schema.ts';
import { cut } from './terminal/cells.ts';
import type { Cell, Column } from './terminal/table.ts';
import { table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

type Screen = Pick<Terminal, 'columns' | 'paint'>;

const CONTAINERS: readonly Column[] = [
  { head: 'CONTAINER' },
  { head: 'CLASS', least: 8 },
  { head: 'PHASE' },
  { head: 'MADE FOR' },
  { head: 'RUNS' },
  { head: 'DEADLINE' },
  { head: 'UP', extra: true },
  { head: 'RUNNER', extra: true },
];

const QUEUE: readonly Column[] = [
  { head: 'JOB' },
  { head: 'WAITING' },
  { head: 'REASON' },
  { head: 'DETAIL', least: 34 },
  { head: 'LABELS', least: 12, extra: true },
  { head: 'REPOSITORY', extra: true },
];

const DEBTS: readonly Column[] = [
  { head: 'DEBT', least: 24 },
  { head: 'SINCE' },
  { head: 'REASON', least: 20 },
  { head: 'NEXT TRY' },
];

type WaitingReason = Status['queue'][number]['waiting']['reason'];

/** Reasons that end without anybody doing something. */
const EXPECTED: ReadonlySet<WaitingReason> = new Set(['starting', 'host-at-capacity', 'class-at-capacity']);

/**
 * The status as lines that fit the terminal. Strangers' text in it is stripped of what a terminal would obey.
 * @param now when it was answered
 */
export function statusLines(seen: Status, now: number, screen: Screen): readonly string[] {
  return [
    ...headLines(seen, now, screen).map((line) => cut(line, screen.columns)),
    ...section(
      CONTAINERS,
      seen.active_containers.map((one) => containerRow(one, now)),
      screen,
    ),
    ...section(
      QUEUE,
      seen.queue.map((job) => jobRow(job, now)),
      screen,
    ),
    ...section(
      DEBTS,
      seen.debts.map((debt) => debtRow(debt, now)),
      screen,
    ),
  ];
}

function headLines(
  { active_containers: active, queue, github, ...seen }: Status,
  now: number,
  screen: Screen,
) {
  const { rate_limit: rate, last_poll: polled } = github;
  const { sent, counted } = github.requests.last_hour;
  return [
    `${active.length} of ${seen.max_concurrent} containers, ${queue.length} ${queue.length === 1 ? 'job' : 'jobs'} waiting` +
      (seen.draining ? `, ${screen.paint('yellow', 'draining')}` : ''),
    `github ${github.ok ? 'ok' : screen.paint('red', 'not ok')}, ` +
      (polled === null ? 'never polled' : `polled ${since(polled, now)} ago`) +
      (rate === null ? '' : `, ${rate.remaining} of ${rate.limit} requests left`),
    ...(sent === 0 ? [] : [`${sent} requests in the last hour, of which github counts ${counted}`]),
  ];
}

function containerRow(one: Status['active_containers'][number], now: number): readonly Cell[] {
  const phase = `${one.phase} ${since(one.since, now)}`;
  return [
    one.name,
    one.class,
    one.phase === 'busy' ? ['green', phase] : phase,
    String(one.job_id),
    one.running_job_id === null ? '-' : String(one.running_job_id),
    one.deadline === null ? '-' : until(one.deadline, now),
    durationText(one.running_seconds * 1000),
    one.runner_name,
  ];
}

function jobRow({ waiting, ...job }: Status['queue'][number], now: number): readonly Cell[] {
  return [
    String(job.job_id),
    since(job.queued_at, now),
    EXPECTED.has(waiting.reason) ? waiting.reason : ['yellow', waiting.reason],
    waiting.detail,
    job.labels.join(','),
    job.repository,
  ];
}

function debtRow(debt: Status['debts'][number], now: number): readonly Cell[] {
  return [debt.runner_name, since(debt.since, now), debt.reason, until(debt.next_try, now)];
}

function since(time: string, now: number): string {
  return durationText(now - Date.parse(time));
}

function until(time: string, now: number): string {
  const left = Date.parse(time) - now;
  return left <= 0 ? 'now' : `in ${durationText(left)}`;
}

function section(columns: readonly Column[], rows: readonly (readonly Cell[])[], screen: Screen) {
  const cleaned = rows.map((row) => row.map(cleanCell));
  return rows.length === 0 ? [] : ['', ...table(columns, cleaned, screen).lines];
}

function cleanCell(cell: Cell): Cell {
  return typeof cell === 'string' ? clean(cell, Infinity) : [cell[0], clean(cell[1], Infinity)];
}
