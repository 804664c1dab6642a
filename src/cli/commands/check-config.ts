import { loadConfig } from '../../config/config.ts';
import { printConfig } from '../../config/print.ts';
import { hostProbe, offlineProbe } from '../../config/probe.ts';
import { fileSchema } from '../../config/schema.ts';
import type { Configured, Io } from '../io.ts';
import { EXIT } from '../io.ts';

interface Flags extends Configured {
  readonly print: boolean;
  readonly schema: boolean;
  readonly offline: boolean;
}

/** Validates; with `print`, shows what is in force, with `schema` the form of the file. Warnings go to stderr. */
export async function checkConfig(io: Io, { config: file, print, schema, offline }: Flags): Promise<number> {
  if (schema) {
    io.out(JSON.stringify(fileSchema(), null, 2));
    return EXIT.ok;
  }
  const config = loadConfig(file, io.env, io.host, offline ? offlineProbe : hostProbe);
  for (const warning of config.warnings) io.err(`warning: ${warning}`);
  if (print) io.out(printConfig(config).trimEnd());
  else io.out('the configuration is valid');
  return EXIT.ok;
}
