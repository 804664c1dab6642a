import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** One call about files; a descriptor stands as the path that it was opened for. */
interface SystemCall {
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

/** Whether this process can be traced. Where CI sets `TEST_HOST=require`, one that cannot is an error. */
export async function canTrace(): Promise<boolean> {
  const why = await trace(() => Promise.resolve(), '/dev/null').catch((error: unknown) => String(error));
  if (typeof why !== 'string') return true;
  if (process.env['TEST_HOST'] === 'require') throw new Error(why);
  process.stderr.write(`skipped: system calls cannot be traced: ${why}\n`);
  return false;
}

/**
 * The calls about files below `folder` that this process makes during `work`, in the order in which they ended.
 * @param log a file to trace to
 */
export async function traceFileCalls(
  work: () => Promise<void>,
  folder: string,
  log: string,
): Promise<readonly SystemCall[]> {
  await trace(work, log);
  return callsIn(await readFile(log, 'utf8'), folder);
}

/** This process and not a child of it: what is tested may be in its memory only. */
async function trace(work: () => Promise<void>, log: string): Promise<void> {
  const calls = `trace=${Object.keys(NAMES).join(',')}`;
  const args = ['-f', '-y', '-e', 'signal=none', '-e', calls, '-o', log, '-p', String(process.pid)];
  // A process has one tracer at a time, and several runs of this test may share the process: each waits for its turn.
  const command = ['--no-fork', tmpdir(), 'strace', ...args];
  const strace = spawn('flock', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const over = new Promise((resolve) => {
    strace.once('close', resolve);
  });
  let told = '';
  await new Promise<void>((resolve, reject) => {
    strace.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (/attached/.test(told)) resolve();
    });
    strace.once('error', reject);
    strace.once('exit', () => reject(new Error(`strace ended: ${told.trim()}`)));
  });
  try {
    await work();
  } finally {
    strace.kill('SIGINT');
    await over;
  }
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
