import { loadLocalConfig } from '../../config/config.ts';
import { command } from '../call.ts';
import type { Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying } from '../waiting.ts';

/** Ends one container; accepted, not yet done. */
export async function stop(
  io: Io,
  file: string | undefined,
  name: string | undefined,
  now: boolean,
): Promise<number> {
  if (name === undefined) {
    throw new CommandFailure(
      EXIT.usage,
      'stop needs the NAME of a container; runner-controller status lists them',
    );
  }
  const local = loadLocalConfig(file, io.env, io.host);
  await saying(io, 'the controller', command(local, '/stop', { name, now }));
  io.out(now ? `${name} is being killed` : `${name} is being stopped`);
  return EXIT.ok;
}
