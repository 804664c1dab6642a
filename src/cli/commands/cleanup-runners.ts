import { openReadOnly } from '../../app.ts';
import { loadConfig } from '../../config/config.ts';
import { clean } from '../../core/text.ts';
import type { Configured, Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { sayingTo } from '../waiting.ts';

/** Deletes our runners that are offline and have neither promise nor container. */
export async function cleanupRunners(
  io: Io,
  { config: file, 'dry-run': dryRun }: Configured & { readonly 'dry-run': boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const program = await openReadOnly(config, 'required', sayingTo(io));
  const unused = await program.leftoverRunners(io.signal);
  if (!unused.ok) throw new CommandFailure(EXIT.failed, unused.why);
  let failed = 0;
  for (const runner of unused.value) {
    if (dryRun) {
      io.out(`would delete ${runner.name} (${runner.id})`);
      continue;
    }
    const answer = await program.deregister(runner, io.signal);
    if (!answer.ok) io.err(`${runner.name}: ${clean(answer.why)}`);
    else io.out(answer.value === 'gone' ? `deleted ${runner.name}` : `${runner.name}: GitHub refuses: busy`);
    if (!answer.ok || answer.value === 'busy') failed += 1;
  }
  if (unused.value.length === 0) io.out('no runner of ours is left over');
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
