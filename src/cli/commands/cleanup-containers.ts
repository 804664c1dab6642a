import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Container, ReadOnly } from '../../app.ts';
import { openReadOnly } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError, loadConfig, rootProblem } from '../../config/config.ts';
import { clean } from '../../core/text.ts';
import { call, controlSocket } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying, sayingTo } from '../waiting.ts';

/** How long the service is waited for. */
const PATIENCE = 10_000;
const ASK_EVERY = 250;

/**
 * Emergency: ends every container of ours, running jobs included. Works with the service down or wedged and with
 * GitHub out of reach; sets drain first, which stays until `resume`.
 */
export async function cleanupContainers(
  io: Io,
  { config: file, ...how }: Configured & { readonly 'dry-run': boolean; readonly yes: boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const root = rootProblem(config, io.host.uid);
  if (root !== null) throw new ConfigError([root]);
  const interactive = io.stdin.isTTY && io.stdout.isTTY;
  if (!how['dry-run'] && !how.yes && !interactive) {
    throw new CommandFailure(EXIT.usage, 'this ends running jobs; say --yes where there is nobody to ask');
  }
  const program = await openReadOnly(config, 'optional', sayingTo(io));
  for (const problem of program.problems) io.err(`warning: ${problem}`);
  const found = await containers(program, io);
  if (how['dry-run']) {
    for (const { name, state } of found) io.out(`would destroy ${name} (${state})`);
    if (found.length === 0) io.out('no container of ours exists');
    return EXIT.ok;
  }
  if (!how.yes && !(await confirmed(io, found))) {
    throw new CommandFailure(EXIT.usage, 'nothing was done');
  }
  await program.drain();
  io.out('draining: no new jobs are taken until runner-controller resume');
  await askService(io, config, program);
  await endRest(io, program);
  const left = await containers(program, io);
  if (left.length > 0) {
    throw new CommandFailure(EXIT.failed, `still there: ${left.map(({ name }) => name).join(', ')}`);
  }
  io.out('no container of ours is left');
  return EXIT.ok;
}

async function containers(program: ReadOnly, io: Io): Promise<readonly Container[]> {
  const found = await program.containers(io.signal);
  if (!found.ok) throw new CommandFailure(EXIT.failed, `the engine cannot be read: ${found.why}`);
  return found.value;
}

async function confirmed(io: Io, found: readonly Container[]): Promise<boolean> {
  const asked = createInterface({ input: io.stdin, output: io.stdout });
  try {
    const running = found.filter(({ state }) => state === 'running').length;
    const question = `End ${found.length} containers, ${running} of them running, and take no new jobs? [y/N] `;
    return /^y(es)?$/i.test((await asked.question(question, { signal: io.signal })).trim());
  } catch (error) {
    // Ctrl-C, Ctrl-D or a signal instead of an answer.
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  } finally {
    asked.close();
  }
}

/** The service does it best, if it is there; whatever it has not done in time is done without it. */
async function askService(io: Io, config: Config, program: ReadOnly): Promise<void> {
  const end = performance.now() + PATIENCE;
  try {
    await saying(io, 'the service', call(controlSocket(config), 'POST', '/cleanup', {}, PATIENCE));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    io.out('the service does not answer; going on without it');
    return;
  }
  io.out('the service ends its containers');
  while (performance.now() < end && !io.signal.aborted) {
    if ((await containers(program, io)).length === 0) return;
    await sleep(ASK_EVERY, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

async function endRest(io: Io, program: ReadOnly): Promise<void> {
  const rest = await containers(program, io);
  const notDeregistered = (name: string, why: string): void => {
    io.err(`${name}: not deregistered: ${clean(why)}`);
  };
  await Promise.all(
    rest.map(async (container) => {
      const kept = await program.end(container, notDeregistered, io.signal);
      if (kept === null) io.out(`destroyed ${container.name}`);
      else io.err(`${container.name}: ${clean(kept)}`);
    }),
  );
}
