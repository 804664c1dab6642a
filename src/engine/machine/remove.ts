import { existsSync, readFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError, hasCode } from '../../core/errors.ts';
import { CommandError, run } from '../command.ts';
import { linkOf } from '../network/nft.ts';

const DEADLINE_MS = 120_000;
/** What systemd-nspawn keeps per machine, and leaves behind when it is killed: the next start of that name then fails. */
const NSPAWN_DIRECTORIES = ['/run/systemd/nspawn/unix-export', '/run/systemd/nspawn/propagate'];

/** Removes what a killed systemd-nspawn left of a machine: its directories and its link. Verified; absent is success. */
export async function removeMachineRemains(name: string, signal: AbortSignal): Promise<void> {
  for (const parent of NSPAWN_DIRECTORIES) {
    const path = join(parent, name);
    if (!existsSync(path)) continue;
    await unmountBelow(path, signal);
    await rmdir(path).catch(ignoreAbsent);
  }
  if (!existsSync(`/sys/class/net/${linkOf(name)}`)) return;
  try {
    await run(['ip', 'link', 'delete', 'dev', linkOf(name)], { signal, deadlineMs: DEADLINE_MS });
  } catch (error) {
    // The kernel removes it by itself a moment after the container's last process.
    if (!(error instanceof CommandError) || existsSync(`/sys/class/net/${linkOf(name)}`)) throw error;
  }
}

/**
 * Removes a tree that root of a container could write: what is immutable or mounted in it does not stop it, and what
 * is mounted in it is not deleted. A program of its own, because such a tree may be large and deeper than a path can
 * be long. Verified; absent is success.
 */
export async function removeHostileTree(path: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(path)) return;
  await unmountBelow(path, signal);
  if ((await remove(path, signal)) === null) return;
  try {
    await run(['chattr', '-R', '-f', '-ia', '--', path], { signal, deadlineMs: DEADLINE_MS });
  } catch (error) {
    // It fails for every link and FIFO in the tree; whether it helped is seen below.
    if (!(error instanceof CommandError)) throw error;
  }
  const left = await remove(path, signal);
  if (left !== null) throw new EngineError('failed', `${path} cannot be removed: ${left}`);
}

/** Null when it is gone, or why not. */
async function remove(path: string, signal: AbortSignal): Promise<string | null> {
  try {
    await run(['rm', '--one-file-system', '-rf', '--', path], { signal, deadlineMs: DEADLINE_MS });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.timedOut) throw error;
    return error.stderr.slice(0, 500);
  }
  return existsSync(path) ? 'it is still there' : null;
}

async function unmountBelow(path: string, signal: AbortSignal): Promise<void> {
  for (const mount of mountsBelow(readFileSync('/proc/self/mounts', 'utf8'), path).reverse()) {
    await run(['umount', '--lazy', '--', mount], { signal, deadlineMs: DEADLINE_MS });
  }
}

/** The mount points at or below a path, in the order in which they were mounted, from the text of `/proc/self/mounts`. */
export function mountsBelow(mounts: string, path: string): string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' ')[1])
    .filter((point) => point !== undefined)
    .map((point) =>
      point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((point) => point === path || point.startsWith(`${path}/`));
}

function ignoreAbsent(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
