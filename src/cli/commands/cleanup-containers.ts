import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError, loadConfig, rootProblem } from '../../config/config.ts';
import type { Container } from '../../core/observation.ts';
import { observeHost } from '../../loop/observe.ts';
import { setDraining } from '../../store/drain.ts';
import { call, controlSocket } from '../call.ts';
import type { Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying } from '../waiting.ts';
import type { Witnesses } from '../witnesses.ts';
import { openWitnesses } from '../witnesses.ts';
import { messageOf } from '../../core/errors.ts';
import { clean } from '../../core/text.ts';

/** How long the service, and then each clean stop, is waited for. */
const PATIENCE = 10_000;
const LOOK_EVERY = 250;
const DEREGISTER = 5_000;

/**
 * Emergency: ends every container of ours, running jobs included. Works with the service down or wedged and with
 * GitHub out of reach; sets drain first, which stays until `resume`.
 */
export async function cleanupContainers(
  io: Io,
  file: string | undefined,
  how: { readonly dryRun: boolean; readonly yes: boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const root = rootProblem(config, io.host.uid);
  if (root !== null) throw new ConfigError([root]);
  const interactive = io.stdin.isTTY && io.stdout.isTTY;
  if (!how.dryRun && !how.yes && !interactive) {
    throw new CommandFailure(EXIT.usage, 'this ends running jobs; say --yes where there is nobody to ask');
  }
  const witnesses = await openWitnesses(config, 'optional', io.err);
  const found = await containers(witnesses, io);
  if (how.dryRun) {
    for (const { name, state } of found) io.out(`would destroy ${name} (${state})`);
    if (found.length === 0) io.out('no container of ours exists');
    return EXIT.ok;
  }
  if (!how.yes && !(await confirmed(io, found))) {
    throw new CommandFailure(EXIT.usage, 'nothing was done');
  }
  await setDraining(config.stateDir, true);
  io.out('draining: no new jobs are taken until runner-controller resume');
  await askService(io, config, witnesses);
  await destroyRest(io, witnesses);
  const left = await containers(witnesses, io);
  if (left.length > 0) {
    throw new CommandFailure(EXIT.failed, `still there: ${left.map(({ name }) => name).join(', ')}`);
  }
  io.out('no container of ours is left');
  return EXIT.ok;
}

async function containers({ engine, state }: Witnesses, io: Io): Promise<readonly Container[]> {
  const promised = state.instances.map(({ name }) => name);
  const host = await observeHost(engine, promised, io.signal);
  if (!host.ok) throw new CommandFailure(EXIT.failed, `the engine cannot be read: ${host.why}`);
  return host.value.containers;
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
async function askService(io: Io, config: Config, witnesses: Witnesses): Promise<void> {
  const end = systemClock.now() + PATIENCE;
  try {
    await saying(io, 'the service', call(controlSocket(config), 'POST', '/cleanup', {}, PATIENCE));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    io.out('the service does not answer; going on without it');
    return;
  }
  io.out('the service ends its containers');
  while (systemClock.now() < end && !io.signal.aborted) {
    if ((await containers(witnesses, io)).length === 0) return;
    await sleep(LOOK_EVERY, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

async function destroyRest(io: Io, witnesses: Witnesses): Promise<void> {
  const rest = await containers(witnesses, io);
  await Promise.all(
    rest.map(async (container) => {
      await deregister(io, witnesses, container);
      try {
        await destroy(witnesses, container.name, io.signal);
        io.out(`destroyed ${container.name}`);
      } catch (error) {
        io.err(`${container.name}: ${clean(messageOf(error))}`);
      }
    }),
  );
}

/** Asks first, so that the runner can report its job as cancelled; kills what does not end in time. */
async function destroy({ engine }: Witnesses, name: string, signal: AbortSignal): Promise<void> {
  const ended = engine.destroy(name, { clean: true }, signal);
  const patience = new AbortController();
  const late = sleep(PATIENCE, 'late' as const, { signal: patience.signal }).catch(() => 'ended' as const);
  try {
    if ((await Promise.race([ended, late])) === 'late') await engine.destroy(name, { clean: false }, signal);
    await ended;
  } finally {
    patience.abort();
  }
}

/** Best effort: what GitHub does not agree to now, the service collects when it runs again. */
async function deregister(io: Io, { github, state }: Witnesses, { name, mark }: Container): Promise<void> {
  const instance = state.instances.find((one) => one.name === name);
  const known = instance ?? mark;
  if (known === null) return;
  const limit = AbortSignal.any([io.signal, AbortSignal.timeout(DEREGISTER)]);
  try {
    const runnerId =
      instance?.runnerId ??
      (known.runnerName === null
        ? null
        : (await github.findRunner(known.scope, known.runnerName, limit))?.id) ??
      null;
    if (runnerId !== null) await github.deregister(known.scope, runnerId, limit);
  } catch (error) {
    io.err(`${name}: not deregistered: ${clean(messageOf(error))}`);
  }
}
