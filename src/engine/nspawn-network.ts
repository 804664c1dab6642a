import type { MachinePaths } from './machine-paths.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './command.ts';
import { linkOf } from './nft.ts';
import { readSmallFile } from './small-file.ts';

const LOOK_AGAIN_MS = 10;
const DEADLINE_MS = 10_000;

/**
 * Runs `work`, which boots a container, and gives its link addresses as soon as the kernel has it. Its runner starts
 * before the container is ready, and waits for them; the unit's own `ExecStartPost=` sets them only when it is ready,
 * and does what this could not.
 */
export async function withEarlyNetwork(
  name: string,
  paths: MachinePaths,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const early = setEarly(name, paths, over.signal).catch(() => undefined);
  try {
    signal.throwIfAborted();
    await work();
  } finally {
    over.abort();
    await early;
  }
}

async function setEarly(name: string, paths: MachinePaths, signal: AbortSignal): Promise<void> {
  const link = `/sys/class/net/${linkOf(name)}`;
  while (!existsSync(link)) await delay(LOOK_AGAIN_MS, undefined, { signal });
  const pid = /^(\d+)\n$/.exec(readSmallFile(join(paths.root, 'pid'), 32) ?? '')?.[1];
  if (pid === undefined) return;
  await run(['/bin/sh', join(paths.root, 'network')], {
    signal,
    deadlineMs: DEADLINE_MS,
    env: { MAINPID: pid },
  });
}
