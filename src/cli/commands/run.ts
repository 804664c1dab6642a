import { openApp } from '../../app.ts';
import { ConfigError, loadConfig, rootProblem } from '../../config/config.ts';
import { notifySystemd } from '../../engine/systemd/notify.ts';
import { createLogger, logWith } from '../../telemetry/logger.ts';
import { startFailure } from '../failure.ts';
import { keepHeapSmall } from '../heap.ts';
import type { Io } from '../io.ts';
import { EXIT } from '../io.ts';

/** The service: runs until SIGTERM or SIGINT, and leaves running jobs alone. */
export async function run(io: Io, file: string | undefined): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const root = rootProblem(config, io.host.uid);
  if (root !== null) throw new ConfigError([root]);
  keepHeapSmall();
  const logger = createLogger(config.log);
  const log = logWith(logger);
  try {
    await using app = await openApp(config, log);
    await using _supervisor = await notifySystemd(io.env['NOTIFY_SOCKET'], io.env['WATCHDOG_USEC'], {
      alive: () => app.isAlive(),
      log,
    });
    await app.run(io.signal);
    log('info', 'stopped; containers are left alone');
  } catch (error) {
    throw startFailure(error);
  }
  return EXIT.ok;
}
