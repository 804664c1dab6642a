/**
 * The command line: arguments in, lines and an exit code out. Here lives what is said and asked on a terminal; what is
 * decided and done is behind `app.ts`. It may import that, the configuration, the schemas that a running controller's
 * answers are checked with, and the cleaning of strangers' text; only the demo knows the simulator. A command is one
 * record in `commands.ts`: help, suggestions, what may be given to it and the pages come from there. Its code is loaded
 * when it is called, so that the service never loads the demo, and `--version` nothing. Start reading at `main`, then
 * at the record and the code of the command in question.
 */
import { readVersion, StartFailure } from '../app.ts';
import { ConfigError } from '../config/problem.ts';
import { COMMANDS } from './commands.ts';
import type { Io } from './io.ts';
import { CommandFailure, EXIT } from './io.ts';
import { parseLine } from './parse.ts';
import { overview, pageOf } from './usage.ts';

/** Runs a command line; the exit code is the result. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await obey(argv, io);
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

async function obey(argv: readonly string[], io: Io): Promise<number> {
  const asked = parseLine(argv, COMMANDS);
  switch (asked.asks) {
    case 'version':
      io.out(readVersion());
      return EXIT.ok;
    case 'help':
      io.out(asked.commands.length === 0 ? overview(COMMANDS) : asked.commands.map(pageOf).join('\n\n'));
      return EXIT.ok;
    case 'command': {
      const act = await asked.command.load();
      return act(io, asked.flags, asked.operands);
    }
  }
}
