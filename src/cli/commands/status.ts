import { setTimeout as sleep } from 'node:timers/promises';

import { loadLocalConfig } from '../../config/config.ts';
import { fetchStatus, readApi } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { statusLines } from '../status-page.ts';
import { Terminal } from '../terminal/terminal.ts';
import { saying } from '../waiting.ts';

const WATCH_EVERY = 2_000;

/** What the running controller is doing, once or until interrupted. */
export async function status(
  io: Io,
  { config: file, ...how }: Configured & { readonly json: boolean; readonly watch: boolean },
): Promise<number> {
  const place = readApi(loadLocalConfig(file, io.env, io.host));
  for (;;) {
    const seen = await saying(io, 'the controller', fetchStatus(place));
    if (how.watch && io.stdout.isTTY) io.stdout.write('\u001B[2J\u001B[H');
    if (how.json) io.out(JSON.stringify(seen, null, how.watch ? 0 : 2));
    else for (const line of statusLines(seen, Date.now(), new Terminal(io))) io.out(line);
    if (!how.watch) return EXIT.ok;
    await sleep(WATCH_EVERY, undefined, { signal: io.signal }).catch(() => undefined);
    if (io.signal.aborted) return EXIT.ok;
  }
}
