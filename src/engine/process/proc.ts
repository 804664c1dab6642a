import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** A process, told apart from a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly ticks: number;
}

export interface ProcessStat extends ProcessId {
  readonly session: number;
  /** It has ended and only waits for its parent to take notice. */
  readonly dead: boolean;
}

/** Ticks in a second of every time in /proc; the kernel fixes it for user space. */
export const TICKS_PER_SECOND = 100;

/** Null: there is no such process. Throws when the kernel does not say. */
export function readStat(pid: number): ProcessStat | null {
  const text = readOrNull(`/proc/${pid}/stat`)?.toString('latin1');
  // The name, in parentheses, is whatever the program likes, and may hold parentheses and spaces itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const session = Number(fields?.[3]);
  const ticks = Number(fields?.[19]);
  if (fields === undefined || !Number.isInteger(session) || !Number.isInteger(ticks)) return null;
  return { pid, ticks, session, dead: fields[0] === 'Z' || fields[0] === 'X' };
}

export function isAlive(id: ProcessId): boolean {
  const stat = readStat(id.pid);
  return stat !== null && stat.ticks === id.ticks && !stat.dead;
}

/** How long ago it started, in milliseconds, to a hundredth of a second. */
export function ageMs({ ticks }: ProcessId): number {
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
  return uptime * 1000 - (ticks * 1000) / TICKS_PER_SECOND;
}

/** A living process with the environment that it was given, which what it does to its own memory does not change. */
export interface ListedProcess extends ProcessStat {
  /** `NAME=value` entries, each between two NULs; empty when it may not be read. */
  readonly environment: string;
}

/** Every living process of this host but ourselves. Throws when /proc cannot be listed. */
export function listProcesses(): ListedProcess[] {
  const found: ListedProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const stat = readStat(pid);
    if (stat === null || stat.dead) continue;
    const environment = readOrNull(`/proc/${pid}/environ`)?.toString('utf8') ?? '';
    found.push({ ...stat, environment: `\0${environment}\0` });
  }
  return found;
}

let nextList: Promise<readonly ListedProcess[]> | null = null;

/** The same, taken after the call; those who ask in one moment share one pass over /proc. */
export function listProcessesSoon(): Promise<readonly ListedProcess[]> {
  nextList ??= (async () => {
    await setImmediate();
    nextList = null;
    return listProcesses();
  })();
  return nextList;
}

/** Sends a signal to exactly this process. One that is gone is left alone; false when we may not. */
export function signalProcess(id: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(id)) return true;
  try {
    process.kill(id.pid, name);
    return true;
  } catch {
    return !isAlive(id);
  }
}

/** Gone meanwhile, or not ours to read. Anything else says nothing about the process. */
const NO_ANSWER: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && NO_ANSWER.has(error.code)) return null;
    throw error;
  }
}
