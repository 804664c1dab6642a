import { setTimeout as sleep } from 'node:timers/promises';

import type { App, Moment } from '../../app.ts';
import type { SimulatorServer } from '../../simulator/server.ts';
import type { Io } from '../io.ts';
import { table } from '../table.ts';

const LOOK_EVERY = 100;

/** What is going on, while it does: a table drawn over itself on a terminal, a line per change elsewhere. */
export class LiveView {
  readonly #io: Io;
  readonly #github: SimulatorServer;
  readonly #app: App;
  #drawn = 0;
  #told = new Map<number, string>();

  constructor(io: Io, github: SimulatorServer, app: App) {
    this.#io = io;
    this.#github = github;
    this.#app = app;
  }

  /** Shows until `isOver` says so; false when the signal fires first. */
  async until(isOver: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const over = isOver();
      this.#show();
      if (over) return true;
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  #show(): void {
    const rows = this.#rows();
    if (this.#io.stdout.isTTY) {
      const lines = table([['JOB', 'LABELS', 'NAME', 'STATE'], ...rows.map(({ cells }) => cells)]);
      const up = this.#drawn > 0 ? `\u001B[${this.#drawn}A` : '';
      this.#io.stdout.write(`${up}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`);
      this.#drawn = lines.length;
      return;
    }
    for (const { id, cells } of rows) {
      const line = cells.join('  ');
      if (this.#told.get(id) !== line) this.#io.out(line);
      this.#told.set(id, line);
    }
  }

  #rows(): readonly { readonly id: number; readonly cells: readonly string[] }[] {
    const { holds, state } = this.#app.loop.moment();
    const waiting = new Map(holds.map((hold) => [hold.job.id, hold]));
    return this.#github.state().jobs.map((job) => {
      const hold = waiting.get(job.id);
      const where = state.instances.find(({ runnerName }) => runnerName === job.runnerName)?.name;
      const queued = hold === undefined ? 'queued' : `queued: ${hold.reason} (${hold.detail})`;
      const texts: Record<string, string> = {
        queued,
        in_progress: `running in ${where ?? job.runnerName ?? '?'}`,
        completed: `completed: ${job.conclusion ?? '?'}`,
      };
      return {
        id: job.id,
        cells: [String(job.id), job.labels.join(','), job.name, texts[job.status] ?? job.status],
      };
    });
  }
}

/**
 * Each job's path: seconds since GitHub queued it at which the container that ran it reached each stage. A container
 * that was made for another job may have been promised before this one was queued.
 */
export function pathLines(github: SimulatorServer, { state, holds }: Moment): readonly string[] {
  const head = [
    'JOB',
    'NAME',
    'RAN IN',
    'PROMISED',
    'STARTED',
    'READY',
    'ONLINE',
    'BUSY',
    'ENDED',
    'GONE',
    'END',
  ];
  const rows = github.state().jobs.map((job) => {
    const ran = state.finished.find(({ runnerName }) => runnerName === job.runnerName);
    const since = (at: number | null | undefined): string =>
      at === null || at === undefined ? '-' : ((at - job.createdAt) / 1000).toFixed(2);
    const made = ran !== undefined && ran.forJob !== job.id ? ' (made for another)' : '';
    const hold = holds.find((it) => it.job.id === job.id);
    return [
      String(job.id),
      job.name,
      ran === undefined ? '-' : `${ran.name}${made}`,
      since(ran?.stages.reservedAt),
      since(ran?.stages.startedAt),
      since(ran?.stages.readyAt),
      since(ran?.stages.onlineAt),
      since(ran?.stages.busyAt),
      since(ran?.stages.endedAt),
      since(ran?.stages.gone),
      job.conclusion ?? (hold === undefined ? job.status : `held: ${hold.reason}: ${hold.detail}`),
    ];
  });
  const unused = state.finished.filter(({ stages }) => stages.busyAt === null);
  return [
    '',
    'Seconds after each job was queued:',
    ...table([head, ...rows]),
    ...unused.map(({ name, forJob, reason }) => `${name}, made for ${forJob}, ran nothing: ${reason}`),
  ];
}
