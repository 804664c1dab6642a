import type { Config } from '../config/config.ts';
import { notifySystemd } from '../engine/systemd/notify.ts';
import { createLogger, logWith } from '../telemetry/logger.ts';
import { openController } from './controller.ts';
import { keepHeapSmall } from './heap.ts';
import { whyNotStarted } from './why-not-started.ts';

/** How systemd wants to be told, from its variables of these names. */
export interface Supervisor {
  readonly notifySocket: string | undefined;
  readonly watchdogUsec: string | undefined;
}

/**
 * A controller with its log and its supervisor, until the signal fires. Running jobs are left alone.
 * @throws StartFailure when something on this host has to be put right first
 */
export async function runService(config: Config, supervisor: Supervisor, signal: AbortSignal): Promise<void> {
  keepHeapSmall();
  const logger = createLogger(config);
  const log = logWith(logger);
  try {
    await using app = await openController(config, log);
    await using _supervisor = await notifySystemd(supervisor.notifySocket, supervisor.watchdogUsec, {
      alive: () => app.isAlive(),
      log,
    });
    await app.run(signal);
    log('info', 'stopped; containers are left alone');
  } catch (error) {
    throw whyNotStarted(error);
  }
}
