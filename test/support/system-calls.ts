import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

/** One call that a traced program made about files; a descriptor stands as the path that it was opened for. */
export interface SystemCall {
  readonly name: 'write' | 'fsync' | 'rename' | 'link' | 'unlink';
  readonly path: string;
}

/** What the kernel calls them, for every way that Node may take. */
const NAMES: Readonly<Record<string, SystemCall['name']>> = {
  write: 'write',
  pwrite64: 'write',
  writev: 'write',
  fsync: 'fsync',
  fdatasync: 'fsync',
  rename: 'rename',
  renameat: 'rename',
  renameat2: 'rename',
  link: 'link',
  linkat: 'link',
  unlink: 'unlink',
  unlinkat: 'unlink',
};

/** Whether this machine can trace system calls. Where CI sets `TEST_HOST=require`, one that cannot is an error. */
export function canTrace(): boolean {
  const { status } = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'trace=none', 'true']);
  if (status === 0) return true;
  if (process.env['TEST_HOST'] === 'require') throw new Error('strace is missing, or may not trace here');
  process.stderr.write('skipped: system calls are not traced, for strace is missing or may not trace here\n');
  return false;
}

/** Runs a program of the tests and gives its calls about files below `folder`, in the order in which they ended. */
export async function traceFileCalls(
  program: string,
  args: readonly string[],
  folder: string,
  logs: string,
): Promise<readonly SystemCall[]> {
  const log = join(logs, 'strace.log');
  const strace = [
    '-f',
    '-y',
    '-qq',
    '-e',
    'signal=none',
    '-e',
    `trace=${Object.keys(NAMES).join(',')}`,
    '-o',
    log,
  ];
  await execa('strace', [...strace, process.execPath, '--import', 'tsx', program, ...args]);
  return callsIn(await readFile(log, 'utf8'), folder);
}

function callsIn(log: string, folder: string): readonly SystemCall[] {
  const calls: SystemCall[] = [];
  /** A call that another thread came between is told in two parts. */
  const begun = new Map<string, string>();
  for (const line of log.split('\n')) {
    const [, thread = '', told = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const head = / <unfinished \.\.\.>$/.exec(told);
    if (head !== null) {
      begun.set(thread, told.slice(0, head.index));
      continue;
    }
    const call = callOf(told.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? ''));
    if (call?.path.startsWith(folder) === true) calls.push(call);
  }
  return calls;
}

/** A call that succeeded; of two paths, the one that comes to be. */
function callOf(told: string): SystemCall | null {
  const [, called = '', args = ''] = /^(\w+)\((.*)\) += \d+/.exec(told) ?? [];
  const name = NAMES[called];
  if (name === undefined) return null;
  const paths = [...args.matchAll(/"(\/[^"]*)"|<(\/[^>]*)>/g)].map(([, text, opened]) => text ?? opened);
  const path = name === 'write' || name === 'fsync' ? paths[0] : paths.at(-1);
  return path === undefined ? null : { name, path };
}
