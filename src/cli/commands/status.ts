import { loadLocalConfig } from '../../config/config.ts';
import { fetchStatus, readApi } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { statusLines } from '../status-page.ts';
import { StatusWatch } from '../status-watch.ts';
import { Terminal } from '../terminal/terminal.ts';
import { saying } from '../waiting.ts';

/** What the running controller is doing, once or until interrupted. */
export async function status(
  io: Io,
  { config: file, ...how }: Configured & { readonly json: boolean; readonly watch: boolean },
): Promise<number> {
  const place = readApi(loadLocalConfig(file, io.env, io.host));
  if (how.watch) return new StatusWatch(io, place, how.json).untilInterrupted();
  const seen = await saying(io, 'the controller', fetchStatus(place));
  if (how.json) io.out(JSON.stringify(seen, null, 2));
  else for (const line of statusLines(seen, Date.now(), new Terminal(io))) io.out(line);
  return EXIT.ok;
}
