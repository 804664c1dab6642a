import { scopesOf } from '../../app.ts';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/config.ts';
import type { Runner } from '../../core/observation.ts';
import { isOurRunner } from '../../core/naming.ts';
import { observeGithub, observeHost } from '../../loop/observe.ts';
import type { Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying } from '../waiting.ts';
import type { Witnesses } from '../witnesses.ts';
import { openWitnesses } from '../witnesses.ts';
import { messageOf } from '../../core/errors.ts';
import { clean } from '../../core/text.ts';

/** Deletes our runners that are offline and have neither promise nor container. */
export async function cleanupRunners(io: Io, file: string | undefined, dryRun: boolean): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const witnesses = await openWitnesses(config, 'required', io.err);
  const unused = await unusedRunners(witnesses, scopesOf(config), io);
  let failed = 0;
  for (const runner of unused) {
    if (dryRun) {
      io.out(`would delete ${runner.name} (${runner.id})`);
      continue;
    }
    try {
      const answer = await witnesses.github.deregister(runner.scope, runner.id, io.signal);
      io.out(answer === 'gone' ? `deleted ${runner.name}` : `${runner.name}: GitHub refuses: busy`);
      if (answer === 'busy') failed += 1;
    } catch (error) {
      failed += 1;
      io.err(`${runner.name}: ${clean(messageOf(error))}`);
    }
  }
  if (unused.length === 0) io.out('no runner of ours is left over');
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function unusedRunners(
  { controllerId, engine, github, state }: Witnesses,
  scopes: readonly string[],
  io: Io,
): Promise<readonly Runner[]> {
  if (controllerId === null) return [];
  const promised = state.instances.map(({ name }) => name);
  const host = await observeHost(engine, promised, io.signal);
  if (!host.ok) {
    throw new CommandFailure(EXIT.failed, `the engine cannot be read, so nothing is deleted: ${host.why}`);
  }
  const look = await saying(io, 'GitHub', observeGithub(github, scopes, systemClock, io.signal));
  const unread = look.unread.find(({ what }) => what === 'runners');
  if (unread !== undefined)
    throw new CommandFailure(EXIT.failed, `GitHub's runners cannot be read: ${unread.why}`);
  const used = new Set([
    ...state.instances.map(({ runnerName }) => runnerName),
    ...host.value.containers.flatMap(({ mark }) => (mark === null ? [] : [mark.runnerName])),
  ]);
  return look.runners.filter(
    ({ name, online }) => !online && !used.has(name) && isOurRunner(name, controllerId),
  );
}
