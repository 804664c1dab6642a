import type { Config } from '../config/config.ts';
import type { Log } from '../telemetry/logger.ts';
import { createLogger, logWith, toFile } from '../telemetry/logger.ts';

/** The configured log, into a file. */
export function logToFile(config: Config, path: string): Log {
  return logWith(createLogger(config, toFile(path)));
}
