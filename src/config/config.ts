/**
 * Reads the settings from the environment and a file and checks them all at once. It knows the core's types and the
 * file system, and nothing of how a setting is used. Start with `parseConfig`; `settings.ts` holds what was given,
 * `rows/` says all there is to say of each setting, and the `parse…` functions of the other files
 * each take what is more than one setting.
 */

import { parseAuth } from './auth.ts';
import { parseClasses } from './classes.ts';
import { parseEngine } from './engine.ts';
import type { Environment, Host } from './env.ts';
import { readVariable } from './env.ts';
import type { ConfigFile } from './file.ts';
import { readConfigFile } from './file.ts';
import { oneOf } from './kinds/basic.ts';
import { isUnprotected } from './kinds/github.ts';
import type { Config, LocalConfig } from './model.ts';
import type { Probe } from './probe.ts';
import { hostProbe } from './probe.ts';
import type { Problem, Unsupported } from './problem.ts';
import { ConfigError, shown, UNSUPPORTED } from './problem.ts';
import { LOCAL_SETTINGS } from './rows/local-rows.ts';
import { PLAIN_SETTINGS } from './rows/rows.ts';
import { parseScopes } from './scopes.ts';
import { Settings } from './settings.ts';

export type { Host } from './env.ts';
export type { Config, LocalConfig } from './model.ts';
export { rootProblem } from './engine.ts';
export { ConfigError } from './problem.ts';
export type { Problem } from './problem.ts';

export interface ConfigInput extends Host {
  readonly env: Environment;
  readonly file?: ConfigFile | undefined;
}

/**
 * Returns the typed configuration, or everything that is wrong with it at once. It reads only its arguments; the probe
 * stands for the file system.
 */
export function parseConfig(
  input: ConfigInput,
  probe: Probe = hostProbe,
  unsupported: Unsupported = UNSUPPORTED,
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const settings = new Settings(input, input.file, unsupported);
  settings.rejectUnknownKeys();
  const scopes = parseScopes(settings);
  const auth = parseAuth(settings, probe);
  const plain = settings.read(PLAIN_SETTINGS, (key) => settings.pick(key));
  const engine = parseEngine(settings, probe);
  const { maxConcurrent: max, jobTimeout } = plain;
  const classes = parseClasses(settings, { max, jobTimeout, engine: engine?.kind ?? null }, probe);
  const network = parseNetwork(settings);
  if (settings.problems.length > 0 || auth === null || engine === null)
    return { problems: settings.problems };
  warnOf(settings, plain);
  return { config: { ...plain, scopes, auth, engine, classes, network, warnings: settings.warnings } };
}

function warnOf(
  settings: Settings,
  config: Pick<Config, 'githubApiUrl' | 'subnets' | 'maxConcurrent'>,
): void {
  const count = config.subnets.length;
  if (isUnprotected(config.githubApiUrl)) {
    const setting = settings.pick('githubApiUrl')?.setting ?? 'GITHUB_API_URL';
    settings.warn(setting, `${shown(config.githubApiUrl)} sends the token unencrypted, use https://`);
  }
  if (count < config.maxConcurrent) {
    const setting = settings.pick('subnets')?.setting ?? 'SUBNETS';
    const amount = count === 1 ? '1 subnet' : `${count} subnets`;
    settings.warn(
      setting,
      `${amount} for MAX_CONCURRENT ${config.maxConcurrent}: no more than ${count} at once`,
    );
  }
}

/**
 * Who keeps containers apart. The NixOS module sets this variable when the host's firewall does that, so that the
 * engines do not. It concerns nobody else and is therefore no setting of the file.
 */
function parseNetwork(settings: Settings): Config['network'] {
  const name = 'RUNNER_CONTROLLER_NETWORK';
  const value = readVariable(settings.origin.env, name);
  const given = value === undefined ? undefined : { setting: name, value, from: 'variable' as const };
  return settings.parse(given, oneOf(['engine', 'host']).parse, 'engine');
}

/**
 * Reads the file that `--config` (`argvPath`) or `RUNNER_CONTROLLER_CONFIG` names, and parses it under the
 * environment. Throws `ConfigError` with every problem.
 */
export function loadConfig(
  argvPath: string | undefined,
  env: Environment,
  host: Host,
  probe: Probe = hostProbe,
): Config {
  const parsed = parseConfig({ ...host, env, file: readConfigFile(argvPath, env) }, probe);
  if ('problems' in parsed) throw new ConfigError(parsed.problems);
  return parsed.config;
}

/**
 * Only what `status`, `stop`, `drain` and `resume` need. Throws `ConfigError` with the problems of those settings.
 */
export function loadLocalConfig(argvPath: string | undefined, env: Environment, host: Host): LocalConfig {
  const settings = new Settings({ ...host, env }, readConfigFile(argvPath, env), UNSUPPORTED);
  const local = settings.read(LOCAL_SETTINGS, (key) => settings.pick(key));
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  return local;
}
