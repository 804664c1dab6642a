import { main } from '../../src/cli/index.ts';
import type { Io } from '../../src/cli/io.ts';
import { withoutWaiting } from './program.ts';
import type { Environment } from './stage.ts';

/** How a command ended that ran in this process, and all it said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A terminal instead of a pipe, of this size. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** A command that runs in this process. Disposing of it interrupts it. */
export class RunningMain implements AsyncDisposable {
  readonly ended: Promise<Said>;
  readonly #interrupt = new AbortController();
  #stdout = '';
  #stderr = '';

  constructor(argv: readonly string[], env: Environment = {}, terminal?: TerminalSize) {
    const isTTY = terminal !== undefined;
    const stdout: Partial<Io['stdout']> = {
      isTTY,
      ...terminal,
      write: (text: string | Uint8Array) => {
        this.#stdout += String(text);
        return true;
      },
    };
    const io: Io = {
      env,
      stdin: Object.assign(Object.create(process.stdin) as Io['stdin'], { isTTY }),
      stdout: Object.assign(Object.create(process.stdout) as Io['stdout'], stdout),
      host: { hostname: 'ci01', arch: 'x64', uid: process.getuid?.() ?? 0, stdoutIsTTY: isTTY },
      signal: this.#interrupt.signal,
      out: (line) => {
        this.#stdout += `${line}\n`;
      },
      err: (line) => {
        this.#stderr += `${line}\n`;
      },
    };
    this.ended = main(argv, io).then((code) => ({ code, stdout: this.#stdout, stderr: this.#stderr }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  interrupt(): void {
    this.#interrupt.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.interrupt();
    await this.ended;
  }
}

/**
 * Runs a command line in this process, as if on a pipe. For what needs no process of its own. What it said of waiting is
 * left out.
 */
export async function runMain(argv: readonly string[], env: Environment = {}): Promise<Said> {
  return withoutWaiting(await new RunningMain(argv, env).ended);
}
