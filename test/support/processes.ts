import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A living process: its id, its parent's, and what stands in its environment and on its command line. */
export interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly environ: string;
  readonly cmdline: string;
}

/** How often those that were killed are looked for again. */
const LOOK_EVERY = 10;

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile, or is another user's.
    return '';
  }
}

/** The parent out of a stat line: after the name, which stands in brackets and may hold anything, comes the state. */
function parentIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Every process that can be looked into. One that is dead and waits for its parent has neither environment nor command line. */
export function processes(): readonly Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      parent: parentIn(read(`/proc/${name}/stat`)),
      environ: read(`/proc/${name}/environ`),
      cmdline: read(`/proc/${name}/cmdline`),
    }))
    .filter(({ cmdline }) => cmdline !== '');
}

/** Processes of the instances below this state directory. */
export function instanceProcesses(stateDir: string): readonly Found[] {
  return processes().filter(({ environ }) => environ.includes(`RUNNER_SIGNALS=${stateDir}/`));
}

/** Processes that were told of a directory or of anything below it, but for this one. */
export function processesNaming(directory: string): readonly Found[] {
  return processes().filter(
    ({ pid, environ, cmdline }) =>
      pid !== process.pid && (environ.includes(directory) || cmdline.includes(directory)),
  );
}

/** Whatever this process started, and what that started in turn, as long as nobody between them has ended. */
export function descendants(): readonly Found[] {
  const all = processes();
  const ours = new Set([process.pid]);
  for (let before = 0; before !== ours.size;) {
    before = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  ours.delete(process.pid);
  return all.filter(({ pid }) => ours.has(pid));
}

/** Ends one process by its id; one that is gone already is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Kills what `find` finds, and again what those started meanwhile, until it finds nothing. */
export async function killAll(find: () => readonly Found[]): Promise<void> {
  for (let left = find(); left.length > 0; left = find()) {
    for (const { pid } of left) killProcess(pid);
    await sleep(LOOK_EVERY);
  }
}
