import { hostname } from 'node:os';

import type { Host } from '../config/config.ts';

/** Exit codes: a promise to scripts. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, locked: 4 } as const;

export type Exit = keyof typeof EXIT;

/** What each exit code means in any command: in a few words, and what there is to know besides. */
export const EXIT_MEANINGS: Readonly<Record<Exit, { readonly brief: string; readonly detail: string }>> = {
  ok: {
    brief: 'done',
    detail: '`run` after SIGTERM or SIGINT; `status` also when the controller is degraded',
  },
  failed: {
    brief: 'failed or something is wrong',
    detail: 'a port in use, a ledger that is corrupt or newer, a time-out that passed',
  },
  usage: {
    brief: 'usage or configuration',
    detail:
      'every problem on a line of its own, with the setting, what was given and what is expected; nothing was touched',
  },
  unreachable: {
    brief: 'the controller could not be reached',
    detail: 'nobody answers on its port or control socket within 10 s, or somebody else does',
  },
  locked: {
    brief: 'another instance holds the state directory',
    detail: 'its lock dies with it, `kill -9` included',
  },
};

/** What a command talks to. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly host: Host;
  /** Fires on SIGTERM and SIGINT, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** A line for people or programs, on stdout. */
  readonly out: (line: string) => void;
  /** A line about what went wrong, on stderr. */
  readonly err: (line: string) => void;
}

/** The flag that tells a command where its configuration is. */
export interface Configured {
  readonly config: string | undefined;
}

/** A command that ends with a message and an exit code, by no fault of the program. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** This process. A reader that goes away, as `head` does, ends the command like a signal, and is no failure. */
export function processIo(stopping: AbortController): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stopping.abort();
  });
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    host: {
      hostname: hostname(),
      arch: process.arch,
      uid: process.getuid?.() ?? 0,
      stdoutIsTTY: process.stdout.isTTY,
    },
    signal: stopping.signal,
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  };
}
