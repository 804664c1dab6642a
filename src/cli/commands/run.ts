/**
 * One file per command: each reads the configuration, has `app.ts` do the work, and says what came of it. A command may
 * talk to the terminal, and to a running controller through `call.ts`; it opens nothing itself, and what it decides is
 * what to print and how to exit. Start reading at `plan.ts`, which asks everything once.
 */
import { runService } from '../../app.ts';
import { ConfigError, loadConfig, rootProblem } from '../../config/config.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';

/** The service: runs until SIGTERM or SIGINT, and leaves running jobs alone. */
export async function run(io: Io, { config: file }: Configured): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const root = rootProblem(config, io.host.uid);
  if (root !== null) throw new ConfigError([root]);
  const { NOTIFY_SOCKET: notifySocket, WATCHDOG_USEC: watchdogUsec } = io.env;
  await runService(config, { notifySocket, watchdogUsec }, io.signal);
  return EXIT.ok;
}
