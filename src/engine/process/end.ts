import { setTimeout as delay } from 'node:timers/promises';

import { EngineError } from '../../core/errors.ts';
import type { ListedProcess, ProcessId, ProcessStat } from './proc.ts';
import { ageMs, isAlive, listProcessesSoon, signalProcess } from './proc.ts';

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
const SETTLED_MS = 1000;
const LOOK_AGAIN_MS = 50;
const KILL_AGAIN_MS = 10;

/** Those of the instance: given its environment, in its session, or in a session that one of it leads. */
export function processesOf(target: Target, all: readonly ListedProcess[]): ListedProcess[] {
  const given = new Set(all.filter((each) => wasGiven(each, target.entries)));
  const sessions = new Set<number>();
  for (const { pid, session } of given) if (pid === session) sessions.add(session);
  const own = all.filter(({ session }) => session === target.leader?.pid);
  if (own.some((member) => given.has(member) || provesSession(member, target))) {
    for (const { session } of own) sessions.add(session);
  }
  return all.filter((each) => given.has(each) || sessions.has(each.session));
}

function wasGiven({ environment }: ListedProcess, entries: readonly string[]): boolean {
  return entries.some((entry) => environment.includes(`\0${entry}\0`));
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

/**
 * Asks the leader's process group to end and gives it `graceMs`, or until `cut` fires. One that has only just started is
 * asked twice: a shell loses a signal that comes between its fork of the command and the command's first instruction.
 */
export async function askToEnd(leader: ProcessId, graceMs: number, cut: AbortSignal): Promise<void> {
  const began = performance.now();
  const moments = ageMs(leader) < SETTLED_MS ? [0, SETTLED_MS] : [0];
  while (!cut.aborted && isAlive(leader)) {
    const passed = performance.now() - began;
    if (passed >= graceMs) return;
    if (passed >= (moments[0] ?? Infinity)) {
      moments.shift();
      signalGroup(leader);
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal: cut }).catch(() => undefined);
  }
}

function signalGroup({ pid }: ProcessId): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // Gone in this moment, or it left its group; the kill that follows finds what is left.
  }
}

/** Kills until none is left. Throws `EngineError`, with the numbers of those that stay, after 10 s. */
export async function killAll(target: Target, signal: AbortSignal): Promise<void> {
  const until = performance.now() + KILL_LIMIT_MS;
  for (;;) {
    signal.throwIfAborted();
    const left = processesOf(target, await listProcessesSoon());
    if (left.length === 0) return;
    const refused = left.filter((process) => !signalProcess(process, 'SIGKILL'));
    if (performance.now() > until) {
      const pids = left.map(({ pid }) => pid).join(', ');
      const why = refused.length > 0 ? 'this user may not kill all of them' : 'the kernel does not end them';
      throw new EngineError(
        'failed',
        `${target.name} has processes that stay after SIGKILL (${why}): ${pids}`,
      );
    }
    await delay(KILL_AGAIN_MS);
  }
}
