import type { Exit } from './io.ts';
import { EXIT, EXIT_MEANINGS } from './io.ts';

/** A command's usage: its line in the overview, and its own page. */
export interface Usage {
  readonly synopsis: string;
  readonly summary: string;
  readonly options: readonly (readonly [string, string])[];
}

const CONFIG = ['--config FILE', 'JSON configuration; variables that are set win over it'] as const;
const JSON_FLAG = ['--json', 'print JSON'] as const;

/** Every command, in the order of the overview. */
export const USAGE = {
  run: {
    synopsis: 'run',
    summary: 'the service: poll, plan, act, until SIGTERM or SIGINT (also with no command)',
    options: [CONFIG],
  },
  plan: {
    synopsis: 'plan [--json]',
    summary: 'looks once and prints what the next tick would do and why; changes nothing',
    options: [CONFIG, JSON_FLAG],
  },
  status: {
    synopsis: 'status [--json] [--watch]',
    summary: 'what the running controller is doing',
    options: [CONFIG, JSON_FLAG, ['--watch', 'print again every 2 s until interrupted']],
  },
  stop: {
    synopsis: 'stop NAME [--now]',
    summary: 'ends one container: deregisters it, then stops it cleanly',
    options: [CONFIG, ['--now', 'kill it instead']],
  },
  'cleanup runners': {
    synopsis: 'cleanup runners [--dry-run]',
    summary: 'deletes our runners that are offline and have neither promise nor container',
    options: [CONFIG, ['--dry-run', 'only print what would be deleted']],
  },
  'cleanup containers': {
    synopsis: 'cleanup containers [--dry-run] [--yes]',
    summary: 'emergency: ends every container of ours, running jobs included; drains first',
    options: [CONFIG, ['--dry-run', 'only print what would end'], ['--yes', 'do not ask']],
  },
  drain: {
    synopsis: 'drain [--wait] [--timeout S]',
    summary: 'takes no new jobs and lets running ones end; kept over restarts',
    options: [
      CONFIG,
      ['--wait', 'return when no container is left'],
      ['--timeout S', 'with --wait: give up after S seconds, exit 1'],
    ],
  },
  resume: { synopsis: 'resume', summary: 'takes new jobs again', options: [CONFIG] },
  doctor: {
    synopsis: 'doctor [--json]',
    summary: 'checks config, token, engine, template, network and clock, and says what to do',
    options: [CONFIG, JSON_FLAG],
  },
  'check-config': {
    synopsis: 'check-config [--print]',
    summary: 'checks the configuration and nothing else',
    options: [CONFIG, ['--print', 'print the effective configuration as JSON, without secrets']],
  },
  demo: {
    synopsis: 'demo [--engine E] [--jobs N] [--keep]',
    summary: 'a simulated GitHub on loopback and a whole controller against it',
    options: [
      ['--engine E', 'the engine to use; process unless given'],
      ['--jobs N', 'how many jobs, 12 to 200; 14 unless given'],
      ['--keep', 'leave the state directory and say where it is'],
    ],
  },
} as const satisfies Record<string, Usage>;

export type CommandName = keyof typeof USAGE;

/** The overview. */
export function overview(): string {
  const lines = Object.values(USAGE).map(({ synopsis, summary }) => `  ${synopsis.padEnd(40)} ${summary}`);
  return [
    'Usage: runner-controller [COMMAND] [OPTIONS]',
    '',
    'A fresh, ephemeral container for every queued GitHub Actions job.',
    '',
    'Commands:',
    ...lines,
    '',
    '  --version   print the version',
    '  --help      this text; COMMAND --help for one command',
    '',
    'Exit codes:',
    ...Object.entries(EXIT_MEANINGS).map(([exit, { brief }]) => `  ${EXIT[exit as Exit]}  ${brief}`),
  ].join('\n');
}

/** One command's page. */
export function usageOf(name: CommandName): string {
  const { synopsis, summary, options } = USAGE[name];
  const lines = options.map(([flag, text]) => `  ${flag.padEnd(14)} ${text}`);
  return [
    `Usage: runner-controller ${synopsis}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    '',
    ...lines,
  ].join('\n');
}
