/**
 * How the program tells what it does. Loggers are made in this file only, so that secrets are hidden everywhere. Business
 * events have one function each, in `events.ts`.
 */

import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import { clean } from '../core/text.ts';

/** The level from which lines are written, and their form; the configuration has this shape. */
export interface LogOptions {
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** What the other folders log with: a constant message, and values as fields. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Fields whose values are never written, wherever they come from. */
const SECRET_PATHS = [
  'token',
  'jitConfig',
  'encoded_jit_config',
  'credential',
  'authorization',
  '*.token',
  '*.jitConfig',
  '*.encoded_jit_config',
  '*.credential',
  '*.authorization',
  '*.headers.authorization',
];

/**
 * Makes a logger; no other code does. Of an error only message and code are logged, because some libraries hang a
 * request's headers and body on it.
 */
export function createLogger(options: LogOptions, destination?: DestinationStream): Logger {
  const settings = {
    level: options.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: { err: serializeError },
  };
  if (destination !== undefined) return pino(settings, destination);
  if (options.logFormat === 'pretty') {
    return pino({
      ...settings,
      formatters: {},
      transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss.l' } },
    });
  }
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}

/** Where a log goes that belongs into a file; written at once. */
export function toFile(path: string): DestinationStream {
  return pino.destination({ dest: path, sync: true });
}

/** A logger as the plain function that the other folders take. */
export function logWith(logger: Logger): Log {
  return (level, message, fields = {}) => {
    logger[level](fields, message);
  };
}

/** How many characters of an error's message are logged. */
const ERROR_LENGTH = 500;

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: clean(String(error), ERROR_LENGTH) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: clean(error.cause.message, ERROR_LENGTH) } : {};
  return { name: error.name, message: clean(error.message, ERROR_LENGTH), ...code, ...cause };
}
