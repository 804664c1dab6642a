import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';

import { readSmallFile } from '../small-file.ts';
import type { InstancePaths } from './paths.ts';
import type { ProcessId } from './proc.ts';
import { readStat, TICKS_PER_SECOND } from './proc.ts';

/**
 * Leads the session, runs the command once, and leaves its status and the time since boot for whoever controls
 * then: only the process that spawned it could wait for it. A signal to the group is for the command, hence the
 * traps (caught, not ignored: what is ignored would stay so in the command). One write is whole or not there, and
 * the line end says which. The shell's own variables are not handed on.
 */
const WRAPPER = `
trap : HUP INT TERM
unset PWD OLDPWD SHLVL _
/bin/sh -c "unset PWD OLDPWD SHLVL _
$1"
code=$?
read -r uptime idle < /proc/uptime
printf '%s %s\\n' "$code" "$uptime" > "$2"
`;

/** How a command ended, as its wrapper left it. */
export interface Exit {
  /** Null: killed, or nobody knows. */
  readonly code: number | null;
  readonly detail: string;
  /** When, in ticks since boot; null when the wrapper was killed itself. */
  readonly ticks: number | null;
}

/**
 * Starts the command in a session of its own and resolves once it runs; rejects when it cannot be.
 * `onExit` is called when it ends while this controller lives.
 */
export async function spawnInstance(
  command: string,
  paths: InstancePaths,
  environment: Readonly<Record<string, string>>,
  onExit: () => void,
): Promise<ProcessId> {
  await using output = await open(paths.output, 'a', 0o600);
  // The name after the script is the shell's $0, which is what `ps` shows first.
  const child = spawn('/bin/sh', ['-c', WRAPPER, 'runner-controller-instance', command, paths.exit], {
    cwd: paths.work,
    env: environment,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  // At once: even a process that is over already keeps its number until the event loop takes notice.
  const started = child.pid === undefined ? null : readStat(child.pid);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
    child.once('exit', onExit);
  });
  // A running job must not keep a controller alive that is told to stop.
  child.unref();
  if (started === null) throw new Error('the system shows no such process');
  return { pid: started.pid, ticks: started.ticks };
}

/** What is known of the end of a command that is over. */
export function readExit(path: string): Exit {
  const [, status, uptime] = /^([0-9]+) ([0-9.]+)\n$/.exec(readSmallFile(path, 64) ?? '') ?? [];
  if (status === undefined || uptime === undefined) {
    return { code: null, detail: 'it was killed, or the host restarted', ticks: null };
  }
  const ticks = Math.round(Number(uptime) * TICKS_PER_SECOND);
  const name = signalName(Number(status) - 128);
  if (name !== null) return { code: null, detail: `killed by ${name}`, ticks };
  return { code: Number(status), detail: `exit status ${status}`, ticks };
}

/** A shell says 128 + N of a command that signal N ended. */
function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
