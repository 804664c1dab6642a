import type { Moment } from '../../app.ts';
import type { SimulatorServer } from '../../simulator/server.ts';
import type { Cell, Column } from '../terminal/table.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A job as the simulated GitHub shows it. */
export type DemoJob = ReturnType<SimulatorServer['state']>['jobs'][number];

/** Where one job stands. */
export interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly labels: readonly string[];
  readonly state: string;
  /** What of the state is more than the passing of time. */
  readonly key: string;
  readonly isOver: boolean;
  /** Undefined where all goes as it should. */
  readonly style: 'yellow' | 'red' | undefined;
}

const COLUMNS: readonly Column[] = [
  { head: 'JOB' },
  { head: 'LABELS', least: 9 },
  { head: 'NAME', least: 13 },
  { head: 'STATE', least: 39 },
];

/** All jobs, oldest first. */
export function jobRows(
  jobs: readonly DemoJob[],
  { holds, state }: Pick<Moment, 'holds' | 'state'>,
): readonly JobRow[] {
  const waiting = new Map(holds.map((hold) => [hold.job.id, hold]));
  return jobs.map(({ id, name, labels, status, conclusion, runnerName }): JobRow => {
    const of = { id, name, labels, isOver: status === 'completed' };
    if (of.isOver) {
      const style = conclusion === 'failure' ? 'red' : undefined;
      return { ...of, ...steady(`completed: ${conclusion ?? '?'}`), style };
    }
    if (status === 'in_progress') {
      const where = state.instances.find((one) => one.runnerName === runnerName)?.name;
      return { ...of, ...steady(`running in ${where ?? runnerName ?? '?'}`), style: undefined };
    }
    const hold = waiting.get(id);
    if (hold === undefined) return { ...of, ...steady(status), style: undefined };
    const why = `${hold.reason}: ${hold.detail}`;
    // Its detail counts the seconds until the next try.
    if (hold.reason === 'backing-off') return { ...of, state: why, key: hold.reason, style: 'yellow' };
    return { ...of, ...steady(why), style: undefined };
  });
}

function steady(state: string): Pick<JobRow, 'state' | 'key'> {
  return { state, key: state };
}

/**
 * The rows as a table that fits the terminal. Where it is too low, jobs that are over are left out first, the oldest of
 * them before the others, and the last line counts what is not shown.
 */
export function rowLines(
  rows: readonly JobRow[],
  terminal: Pick<Terminal, 'columns' | 'rows' | 'paint'>,
): readonly string[] {
  const [head = '', ...lines] = table(COLUMNS, rows.map(jobCells), terminal).lines;
  // The cursor has the row below.
  const room = terminal.rows - 2;
  if (rows.length <= room) return [head, ...lines];
  const most = room - 1;
  const open = rows.filter(({ isOver }) => !isOver).slice(0, most);
  const over = rows.filter(({ isOver }) => isOver);
  const shown = new Set([...open, ...over.slice(over.length - Math.min(over.length, most - open.length))]);
  const hidden = rows.filter((row) => !shown.has(row));
  const hiddenOver = hidden.filter(({ isOver }) => isOver).length;
  return [
    head,
    ...lines.filter((_, at) => shown.has(rows[at] as JobRow)),
    `… ${hidden.length} more jobs, ${hiddenOver} of them over`,
  ];
}

function jobCells({ id, name, labels, state, style }: JobRow): readonly Cell[] {
  // Every job asks for `self-hosted`.
  const own = labels.filter((label) => label !== 'self-hosted').join(',');
  return [String(id), own, name, style === undefined ? state : [style, state]];
}
