import type { ProcessId, ProcessStat } from './proc.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../core/errors.ts';
import { isAlive, listProcesses, signalProcess, wasGiven } from './proc.ts';

/** How an instance's processes are told from all others. */
export interface Target {
  readonly name: string;
  /** `NAME=value` entries of an environment that no other instance gives. */
  readonly entries: readonly string[];
  /** The first process of its session; null when it never ran or nobody knows. */
  readonly leader: ProcessId | null;
  /** When the leader ended, in ticks since boot; null while it lives or when nobody knows. */
  readonly endedAt: number | null;
}

const KILL_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const KILL_AGAIN_MS = 10;

/** Every living process of the instance: given its environment, in its session, or in a session that one of it leads. */
export function findProcesses(target: Target): ProcessStat[] {
  const all = listProcesses();
  const given = new Set(all.filter(({ pid }) => wasGiven(pid, target.entries)));
  const sessions = new Set<number>();
  for (const { pid, session } of given) if (pid === session) sessions.add(session);
  const own = all.filter(({ session }) => session === target.leader?.pid);
  if (own.some((member) => given.has(member) || provesSession(member, target))) {
    for (const { session } of own) sessions.add(session);
  }
  return all.filter((process) => given.has(process) || sessions.has(process.session));
}

/**
 * A session's number is not used again while it has members, but may be afterwards. So it is still ours when its
 * leader is the process we started, or when a member was there before that one ended.
 */
function provesSession(member: ProcessStat, { leader, endedAt }: Target): boolean {
  if (leader === null) return false;
  if (member.pid === leader.pid) return member.ticks === leader.ticks;
  return endedAt !== null && member.ticks >= leader.ticks && member.ticks <= endedAt;
}

/** Asks the leader's process group to end and gives it `graceMs`, or until `cut` fires. */
export async function askToEnd(leader: ProcessId, graceMs: number, cut: AbortSignal): Promise<void> {
  if (!isAlive(leader)) return;
  try {
    process.kill(-leader.pid, 'SIGTERM');
  } catch {
    // Gone in this moment, or it left its group; the kill that follows finds what is left.
    return;
  }
  const until = performance.now() + graceMs;
  while (!cut.aborted && performance.now() < until && isAlive(leader)) {
    await delay(LOOK_AGAIN_MS, undefined, { signal: cut }).catch(() => undefined);
  }
}

/** Kills until none is left. Throws `EngineError`, with the numbers of those that stay, after 10 s. */
export async function killAll(target: Target, signal: AbortSignal): Promise<void> {
  const until = performance.now() + KILL_LIMIT_MS;
  for (;;) {
    const left = findProcesses(target);
    if (left.length === 0) return;
    const refused = left.filter((process) => !signalProcess(process, 'SIGKILL'));
    if (performance.now() > until) {
      const pids = left.map(({ pid }) => pid).join(', ');
      const why = refused.length > 0 ? 'this user may not kill all of them' : 'the kernel does not end them';
      throw new EngineError(`${target.name} has processes that stay after SIGKILL (${why}): ${pids}`);
    }
    await delay(KILL_AGAIN_MS, undefined, { signal });
  }
}
