import { loadConfig } from '../../config/config.ts';
import { printConfig } from '../../config/print.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';

/** Validates; with `print`, shows what is in force. Warnings go to stderr. */
export async function checkConfig(
  io: Io,
  { config: file, print }: Configured & { readonly print: boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  for (const warning of config.warnings) io.err(`warning: ${warning}`);
  if (print) io.out(printConfig(config).trimEnd());
  else io.out('the configuration is valid');
  return EXIT.ok;
}
