import { execa } from 'execa';
import type { Readable } from 'node:stream';

import { whenAborted } from '../abort.ts';
import { EngineError } from '../core/errors.ts';

export interface CommandOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which it is killed. */
  readonly deadlineMs: number;
  /** Added to the controller's own environment, which goes without what systemd has put there for the controller alone. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Its standard input; empty when absent. */
  readonly input?: string;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that did not end with status 0; the message begins with what happened. */
export class CommandError extends EngineError {
  readonly argv: readonly string[];
  /** Null: it was never started, or was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The deadline passed. */
  readonly timedOut: boolean;

  constructor(message: string, argv: readonly string[], more: CommandFailure) {
    super(more.timedOut ? 'timed-out' : 'failed', message, { cause: more.cause });
    this.argv = argv;
    this.exitCode = more.exitCode;
    this.stdout = more.stdout;
    this.stderr = more.stderr;
    this.timedOut = more.timedOut;
  }
}

/** What ending a child needs of it. */
interface Child {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

interface CommandFailure {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly cause?: unknown;
}

/** Characters kept of each stream; a command that writes more is killed. */
const MAX_OUTPUT = 4 * 1024 * 1024;
/** How long it may take to go after SIGTERM. */
const GRACE_MS = 2000;
/** How much of stderr an error message repeats. */
const SHOWN = 2000;

/** With these a program speaks to systemd in our name: systemd-nspawn says `STOPPING=1` even for `--version`. */
export const OURS_ALONE: Readonly<Record<string, undefined>> = {
  NOTIFY_SOCKET: undefined,
  WATCHDOG_PID: undefined,
  WATCHDOG_USEC: undefined,
};

/**
 * Runs a program to its end: an argument vector, never a shell. It gets a process group of its own, which is ended
 * whole (SIGTERM, 2 s later SIGKILL) on the deadline or the signal. Throws `CommandError` for every end but status 0.
 * Arguments are visible to all on the host and repeated in errors: never put a secret there.
 */
export async function run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<Output> {
  options.signal.throwIfAborted();
  const [program, ...args] = argv;
  const child = execa(program, args, {
    reject: false,
    detached: true,
    stripFinalNewline: true,
    maxBuffer: MAX_OUTPUT,
    env: { ...OURS_ALONE, LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const ending = endOnTime(child, options);
  const result = await child;
  ending.stop();
  // What the group left behind holds nothing of ours any more, but must not live on after a command that was cut off.
  if (ending.why() !== null || result.isMaxBuffer) killGroup(child.pid, 'SIGKILL');
  const output = { stdout: result.stdout, stderr: result.stderr };
  if (!result.failed && ending.why() === null) return output;
  const what = ending.why() ?? whatHappened(result);
  const said = output.stderr.trim().slice(-SHOWN);
  throw new CommandError(`${what}: ${argv.join(' ')}${said === '' ? '' : `\n${said}`}`, argv, {
    ...output,
    exitCode: result.exitCode ?? null,
    timedOut: ending.timedOut(),
    cause: result.cause,
  });
}

/** Ends the group of `child` when the deadline passes or the signal fires, and knows which it was. */
function endOnTime(
  child: Child,
  { signal, deadlineMs }: CommandOptions,
): { stop(): void; why(): string | null; timedOut(): boolean } {
  let ended: 'deadline' | 'signal' | null = null;
  let force: NodeJS.Timeout | undefined;
  const end = (cause: 'deadline' | 'signal'): void => {
    if (ended !== null) return;
    ended = cause;
    killGroup(child.pid, 'SIGTERM');
    force = setTimeout(() => {
      killGroup(child.pid, 'SIGKILL');
      // A process that left the group may hold the pipes open; what it would still write is of no use.
      child.stdout.destroy();
      child.stderr.destroy();
    }, GRACE_MS);
  };
  const deadline = setTimeout(() => end('deadline'), deadlineMs);
  const forget = whenAborted(signal, () => end('signal'));
  return {
    stop() {
      clearTimeout(deadline);
      clearTimeout(force);
      forget();
    },
    why() {
      if (ended === null) return null;
      return ended === 'deadline' ? `Took longer than ${deadlineMs / 1000} s and was killed` : 'Called off';
    },
    timedOut: () => ended === 'deadline',
  };
}

function killGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // The group is gone, which is what was wanted.
  }
}

function whatHappened(result: {
  readonly isMaxBuffer?: boolean;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly originalMessage?: string | undefined;
}): string {
  if (result.isMaxBuffer === true) return `Wrote more than ${MAX_OUTPUT} characters and was killed`;
  if (result.signal !== undefined) return `Was killed by ${result.signal}`;
  if (result.exitCode !== undefined) return `Failed with status ${result.exitCode}`;
  return `Could not be started (${result.originalMessage ?? 'no reason given'})`;
}
