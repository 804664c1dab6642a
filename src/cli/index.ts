import { parseArgs } from 'node:util';

import { readVersion } from '../app.ts';
import { ConfigError } from '../config/config.ts';
import { checkConfig } from './commands/check-config.ts';
import { cleanupContainers } from './commands/cleanup-containers.ts';
import { cleanupRunners } from './commands/cleanup-runners.ts';
import { demo } from './demo/demo.ts';
import { doctor } from './commands/doctor.ts';
import { drain, resume } from './commands/drain.ts';
import type { Io } from './io.ts';
import { CommandFailure, EXIT } from './io.ts';
import { planOnce } from './commands/plan.ts';
import { run } from './commands/run.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import type { CommandName } from './usage.ts';
import { overview, USAGE, usageOf } from './usage.ts';
import { messageOf } from '../core/errors.ts';

/** Flags of all commands; each command takes those that its usage names. */
const FLAGS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  watch: { type: 'boolean' },
  now: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  wait: { type: 'boolean' },
  timeout: { type: 'string' },
  print: { type: 'boolean' },
  engine: { type: 'string' },
  jobs: { type: 'string' },
  keep: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** The flags as given. */
type Flags = ReturnType<typeof parse>['values'];

const COMMANDS: Record<CommandName, (io: Io, flags: Flags, operands: readonly string[]) => Promise<number>> =
  {
    run: (io, flags) => run(io, flags.config),
    plan: (io, flags) => planOnce(io, flags.config, flags.json === true),
    status: (io, flags) =>
      status(io, flags.config, { json: flags.json === true, watch: flags.watch === true }),
    stop: (io, flags, [name]) => stop(io, flags.config, name, flags.now === true),
    'cleanup runners': (io, flags) => cleanupRunners(io, flags.config, flags['dry-run'] === true),
    'cleanup containers': (io, flags) =>
      cleanupContainers(io, flags.config, { dryRun: flags['dry-run'] === true, yes: flags.yes === true }),
    drain: (io, flags) => drain(io, flags.config, flags.wait === true, flags.timeout),
    resume: (io, flags) => resume(io, flags.config),
    doctor: (io, flags) => doctor(io, flags.config, flags.json === true),
    'check-config': (io, flags) => checkConfig(io, flags.config, flags.print === true),
    demo: (io, flags) => demo(io, flags),
  };

/** Runs a command line; the exit code is the result. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    if (values.version === true) {
      io.out(readVersion());
      return EXIT.ok;
    }
    if (positionals.length === 0 && values.help === true) {
      io.out(overview());
      return EXIT.ok;
    }
    if (
      positionals[0] === 'help' ||
      (positionals.length === 1 && positionals[0] === 'cleanup' && values.help === true)
    ) {
      io.out(overview());
      return EXIT.ok;
    }
    const { name, operands } = commandOf(positionals);
    if (values.help === true) {
      io.out(usageOf(name));
      return EXIT.ok;
    }
    checkFlags(name, values);
    if (operands.length > (name === 'stop' ? 1 : 0)) throw usage(`${name} takes no ${operands.at(-1)}`, name);
    return await COMMANDS[name](io, values, operands);
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof ConfigError) {
      io.err(`runner-controller: ${error.message}`);
      return error.exitCode;
    }
    throw error;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function usage(message: string, name?: CommandName): CommandFailure {
  const hint = name === undefined ? 'runner-controller --help' : `runner-controller ${name} --help`;
  return new CommandFailure(EXIT.usage, `${message}\ntry: ${hint}`);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(USAGE, name);
}

function commandOf(positionals: readonly string[]): { name: CommandName; operands: readonly string[] } {
  const [first = 'run', second, ...rest] = positionals;
  if (isCommand(first)) return { name: first, operands: second === undefined ? [] : [second, ...rest] };
  const both = `${first} ${second ?? ''}`.trim();
  if (isCommand(both)) return { name: both, operands: rest };
  if (first === 'cleanup') throw usage('cleanup takes "runners" or "containers"');
  throw usage(`no command is named ${JSON.stringify(first)}`);
}

/** A flag that another command has is a mistake here, and no wish to be ignored. */
function checkFlags(name: CommandName, values: Flags): void {
  const allowed = USAGE[name].options.map(([flag]) => flag.split(' ', 1)[0]);
  for (const given of Object.keys(values)) {
    if (!allowed.includes(`--${given}` as (typeof allowed)[number]))
      throw usage(`${name} has no --${given}`, name);
  }
}
