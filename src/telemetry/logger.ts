import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

/** How loud and in what form. */
export interface LogOptions {
  readonly level: string;
  readonly format: 'json' | 'pretty';
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** What the other folders log with: a constant message, values as fields. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Names that never reach a log line, whoever put them there. */
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
 * The one place where loggers are made. Errors are logged by message and code only: a request's headers and bodies
 * hang on some libraries' errors.
 */
export function createLogger(options: LogOptions, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: { err: serializeError },
  };
  if (destination !== undefined) return pino(settings, destination);
  if (options.format === 'pretty') {
    return pino({
      ...settings,
      formatters: {},
      transport: { target: 'pino-pretty', options: { colorize: true, translateTime: 'HH:MM:ss.l' } },
    });
  }
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}

/** A logger as the plain function that adapters take. */
export function logWith(logger: Logger): Log {
  return (level, message, fields = {}) => {
    logger[level](fields, message);
  };
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: clean(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: clean(error.cause.message) } : {};
  return { name: error.name, message: clean(error.message), ...code, ...cause };
}

/** Strangers' text without what a terminal would obey, and cut to a length that a log can bear. */
export function clean(text: string, limit = 500): string {
  let out = '';
  for (const char of text.slice(0, limit)) {
    const code = char.codePointAt(0) ?? 0;
    out += code < 0x20 || (code >= 0x7f && code < 0xa0) ? ' ' : char;
  }
  return text.length > limit ? `${out}…` : out;
}
