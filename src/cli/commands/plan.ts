import type { PlanView } from '../../app.ts';
import { openReadOnly } from '../../app.ts';
import { loadConfig } from '../../config/config.ts';
import { clean } from '../../core/text.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { sayingTo } from '../waiting.ts';

/** Observes once and prints what the next tick would do and why. Changes nothing, takes no lock. */
export async function plan(
  io: Io,
  { config: file, json }: Configured & { readonly json: boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const program = await openReadOnly(config, 'required', sayingTo(io));
  const answer = await program.plan(io.signal);
  if (json) io.out(JSON.stringify(answer, null, 2));
  else for (const line of linesOf(answer)) io.out(line);
  return answer.github.ok && answer.engine.ok ? EXIT.ok : EXIT.failed;
}

function linesOf({ actions, holds, github, engine, draining }: PlanView): readonly string[] {
  const lines = [
    ...github.unread.map((why) => `github: not read: ${clean(why)}`),
    ...(engine.why === null ? [] : [`engine: not read: ${clean(engine.why)}`]),
    ...(draining ? ['draining'] : []),
    ...actions.map(({ action, name, why }) => `${action.padEnd(10)} ${name.padEnd(12)} ${clean(why)}`),
    ...holds.map(
      ({ job_id, labels, waiting }) =>
        `${'hold'.padEnd(10)} ${job_id} [${clean(labels.join(', '))}]: ${waiting.reason}: ${clean(waiting.detail)}`,
    ),
  ];
  return lines.length === 0 ? ['nothing to do'] : lines;
}
