import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program as users start it; `npm test` builds it first. Most tests start the same code as one file (programs.ts). */
export const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** The simulated GitHub as a program, and the runner that speaks to it. */
export const SIMULATOR = fileURLToPath(new URL('../../dist/simulator/main.js', import.meta.url));
export const STAND_IN = fileURLToPath(
  new URL('../../dist/simulator/runner/stand-in-runner.js', import.meta.url),
);

/** Where the setup of a run puts each program as one file: as deep below the root as what looks for package.json. */
export const COMPILED = fileURLToPath(new URL('../../dist-test/programs/', import.meta.url));

/** The file to start for one of the programs that `programs.ts` names. */
export function programPath(source: string): string {
  return join(COMPILED, source.replace(/\.ts$/, '.js'));
}

/** How a process ended, and all it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same without the lines that any command may say on a busy machine; a test of those reads a running one's `stderr`. */
export function withoutWaiting<T extends { readonly stderr: string }>(ended: T): T {
  return { ...ended, stderr: ended.stderr.replaceAll(/^waiting for .*\n/gm, '') };
}

/** What a program is given to read: a text and its end, or what the test will `write`. */
export type Input = { readonly text: string } | 'written-later';

const NOTHING: Input = { text: '' };

/**
 * A child process of a test's own. Disposing of it kills it. The setups beside this file end what nobody disposed of;
 * they find it, and what it left behind, by the temporary directory that it is told here.
 */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, input: Input = NOTHING) {
    const [file = '', ...argv] = command;
    // Descriptors of its own: what an instance inherits must not keep these pipes open.
    this.#child = spawn(file, argv, {
      env: { TMPDIR: tmpdir(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin.on('error', () => undefined);
    if (input !== 'written-later') this.#child.stdin.end(input.text);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) =>
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }),
      );
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the program did not start');
    return pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Reads no more than the first of what it says, as `| head` would. */
  closeStdoutAfterFirst(): void {
    this.#child.stdout.once('data', () => this.#child.stdout.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** A program of Node's: a file and its arguments. */
export function nodeProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input: Input = NOTHING,
): Program {
  return new Program([process.execPath, ...argv], env, input);
}
