/**
 * The command line: arguments in, lines and an exit code out. Here lives what is said and asked on a terminal; what is
 * decided and done is behind `app.ts`. It may import that, the configuration, the schemas that a running controller's
 * answers are checked with, and the cleaning of strangers' text; only the demo knows the simulator. A command is loaded
 * when it is called for, so that the service never loads the demo, and `--version` nothing. Start reading at `main`,
 * then at the command in question.
 */
import { parseArgs } from 'node:util';

import { readVersion, StartFailure } from '../app.ts';
import { ConfigError } from '../config/problem.ts';
import type { Io } from './io.ts';
import { CommandFailure, EXIT } from './io.ts';
import type { CommandName } from './usage.ts';
import { overview, USAGE, usageOf } from './usage.ts';

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

/** A command, with what was given to it. */
type Command = (io: Io, flags: Flags, operands: readonly string[]) => Promise<number>;

const COMMANDS: Record<CommandName, Command> = {
  run: async (io, flags) => {
    const { run } = await import('./commands/run.ts');
    return run(io, flags.config);
  },
  plan: async (io, flags) => {
    const { plan } = await import('./commands/plan.ts');
    return plan(io, flags.config, flags.json === true);
  },
  status: async (io, flags) => {
    const { status } = await import('./commands/status.ts');
    return status(io, flags.config, { json: flags.json === true, watch: flags.watch === true });
  },
  stop: async (io, flags, [name]) => {
    const { stop } = await import('./commands/stop.ts');
    return stop(io, flags.config, name, flags.now === true);
  },
  'cleanup runners': async (io, flags) => {
    const { cleanupRunners } = await import('./commands/cleanup-runners.ts');
    return cleanupRunners(io, flags.config, flags['dry-run'] === true);
  },
  'cleanup containers': async (io, flags) => {
    const { cleanupContainers } = await import('./commands/cleanup-containers.ts');
    const how = { dryRun: flags['dry-run'] === true, yes: flags.yes === true };
    return cleanupContainers(io, flags.config, how);
  },
  drain: async (io, flags) => {
    const { drain } = await import('./commands/drain.ts');
    return drain(io, flags.config, flags.wait === true, flags.timeout);
  },
  resume: async (io, flags) => {
    const { resume } = await import('./commands/drain.ts');
    return resume(io, flags.config);
  },
  doctor: async (io, flags) => {
    const { doctor } = await import('./commands/doctor.ts');
    return doctor(io, flags.config, flags.json === true);
  },
  'check-config': async (io, flags) => {
    const { checkConfig } = await import('./commands/check-config.ts');
    return checkConfig(io, flags.config, flags.print === true);
  },
  demo: async (io, flags) => {
    const { demo } = await import('./demo/demo.ts');
    return demo(io, flags);
  },
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
    if (error instanceof StartFailure) {
      io.err(`runner-controller: ${error.message}`);
      return error.kind === 'locked' ? EXIT.locked : EXIT.failed;
    }
    throw error;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    // The message names the argument and what is wrong with it.
    if (error instanceof TypeError) throw usage(error.message);
    throw error;
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
