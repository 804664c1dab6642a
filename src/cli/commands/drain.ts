import { setTimeout as sleep } from 'node:timers/promises';

import { loadLocalConfig } from '../../config/config.ts';
import { controlSocket, fetchStatus, postControl } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying } from '../waiting.ts';

const LOOK_EVERY = 500;

/** Takes no new jobs; with `wait`, returns once no container is left. */
export async function drain(
  io: Io,
  {
    config: file,
    wait,
    timeout: seconds = Infinity,
  }: Configured & { readonly wait: boolean; readonly timeout: number | undefined },
): Promise<number> {
  const local = loadLocalConfig(file, io.env, io.host);
  await saying(io, 'the controller', postControl(local, '/drain'));
  if (!wait) {
    io.out('draining: no new jobs are taken');
    return EXIT.ok;
  }
  const end = performance.now() + seconds * 1000;
  let told = '';
  while (!io.signal.aborted) {
    const { active_containers: left } = await fetchStatus(controlSocket(local));
    if (left.length === 0) {
      io.out('drained: no container is left');
      return EXIT.ok;
    }
    const names = left.map(({ name, phase }) => `${name} (${phase})`).join(', ');
    if (names !== told) io.out(`waiting for ${names}`);
    told = names;
    if (performance.now() >= end)
      throw new CommandFailure(EXIT.failed, `not drained after ${seconds} s: ${names}`);
    await sleep(LOOK_EVERY, undefined, { signal: io.signal }).catch(() => undefined);
  }
  throw new CommandFailure(EXIT.failed, 'interrupted; the controller goes on draining');
}

/** Takes new jobs again. */
export async function resume(io: Io, { config: file }: Configured): Promise<number> {
  const local = loadLocalConfig(file, io.env, io.host);
  await saying(io, 'the controller', postControl(local, '/resume'));
  io.out('resumed: new jobs are taken');
  return EXIT.ok;
}
