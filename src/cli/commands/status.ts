import { setTimeout as sleep } from 'node:timers/promises';

import { loadLocalConfig } from '../../config/config.ts';
import { clean } from '../../core/text.ts';
import type { Status } from '../../http/schema.ts';
import { fetchStatus, readApi } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { table } from '../table.ts';
import { saying } from '../waiting.ts';

const WATCH_EVERY = 2_000;

/** What the running controller is doing, once or until interrupted. */
export async function status(
  io: Io,
  { config: file, ...how }: Configured & { readonly json: boolean; readonly watch: boolean },
): Promise<number> {
  const place = readApi(loadLocalConfig(file, io.env, io.host));
  for (;;) {
    const seen = await saying(io, 'the controller', fetchStatus(place));
    if (how.watch && io.stdout.isTTY) io.stdout.write('\u001B[2J\u001B[H');
    if (how.json) io.out(JSON.stringify(seen, null, how.watch ? 0 : 2));
    else for (const line of statusLines(seen)) io.out(line);
    if (!how.watch) return EXIT.ok;
    await sleep(WATCH_EVERY, undefined, { signal: io.signal }).catch(() => undefined);
    if (io.signal.aborted) return EXIT.ok;
  }
}

/** The status page as text. Strangers' text in it is stripped of what a terminal would obey. */
export function statusLines(seen: Status): readonly string[] {
  const { active_containers: active, queue, debts, github } = seen;
  const rate = github.rate_limit;
  return [
    `${active.length} of ${seen.max_concurrent} containers, ${queue.length} ${queue.length === 1 ? 'job' : 'jobs'} waiting` +
      (seen.draining ? ', draining' : ''),
    `github ${github.ok ? 'ok' : 'not ok'}, last poll ${github.last_poll ?? 'never'}` +
      (rate === null ? '' : `, ${rate.remaining} of ${rate.limit} requests left`),
    ...section(
      ['CONTAINER', 'CLASS', 'PHASE', 'FOR', 'RUNS', 'SECONDS', 'DEADLINE'],
      active.map((one) => [
        one.name,
        one.class,
        one.phase,
        String(one.job_id),
        one.running_job_id === null ? '-' : String(one.running_job_id),
        String(one.running_seconds),
        one.deadline ?? '-',
      ]),
    ),
    ...section(
      ['JOB', 'LABELS', 'QUEUED', 'WAITING', 'DETAIL'],
      queue.map(({ job_id, labels, queued_at, waiting }) => [
        String(job_id),
        labels.join(','),
        queued_at,
        waiting.reason,
        waiting.detail,
      ]),
    ),
    ...section(
      ['DEBT', 'SINCE', 'REASON', 'NEXT TRY'],
      debts.map((debt) => [debt.runner_name, debt.since, debt.reason, debt.next_try]),
    ),
  ];
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0
    ? []
    : ['', ...table([head, ...rows.map((row) => row.map((cell) => clean(cell, 120)))])];
}
