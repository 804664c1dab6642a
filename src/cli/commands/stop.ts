import { loadLocalConfig } from '../../config/config.ts';
import { postControl } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { saying } from '../waiting.ts';

/** Ends one container; accepted, not yet done. */
export async function stop(
  io: Io,
  { config: file, now }: Configured & { readonly now: boolean },
  [name]: readonly [string],
): Promise<number> {
  const local = loadLocalConfig(file, io.env, io.host);
  await saying(io, 'the controller', postControl(local, '/stop', { name, now }));
  io.out(now ? `${name} is being killed` : `${name} is being stopped`);
  return EXIT.ok;
}
