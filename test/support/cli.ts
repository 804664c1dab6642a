import { main } from '../../src/cli/index.ts';
import type { Io } from '../../src/cli/io.ts';
import type { Environment } from './stage.ts';

/** How a command ended that ran in this process, and all it said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as if on a pipe. For what needs no process of its own. */
export async function runMain(argv: readonly string[], env: Environment = {}): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    env,
    stdin: Object.assign(Object.create(process.stdin) as Io['stdin'], { isTTY: false }),
    stdout: Object.assign(Object.create(process.stdout) as Io['stdout'], { isTTY: false }),
    host: { hostname: 'ci01', arch: 'x64', uid: process.getuid?.() ?? 0, stdoutIsTTY: false },
    signal: new AbortController().signal,
    out: (line) => out.push(`${line}\n`),
    err: (line) => err.push(`${line}\n`),
  };
  const code = await main(argv, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}
