/**
 * Reads the settings from the environment and a file and checks them all at once. It knows the core's types and the
 * file system, and nothing of how a setting is used. Start with `parseConfig`; `settings.ts` holds what was given,
 * and the `parse…` functions of the other files each take their part of it.
 */

import { parseClasses } from './classes.ts';
import { parseEngine } from './engine-settings.ts';
import type { Environment } from './env.ts';
import { readVariable } from './env.ts';
import type { ConfigFile } from './file.ts';
import { readConfigFile } from './file.ts';
import { parseAuth, parseScopes } from './github-settings.ts';
import { parseLocal } from './local.ts';
import type { Config, Host, LocalConfig } from './model.ts';
import type { Probe } from './probe.ts';
import { hostProbe } from './probe.ts';
import type { Problem, Unsupported } from './problem.ts';
import { ConfigError, UNSUPPORTED, shown } from './problem.ts';
import { Settings } from './settings.ts';
import { apiUrl, isUnprotected, namePrefix, oneOf, seconds, subnets, text, wholeNumber } from './values.ts';

export type { Config, Host, LocalConfig } from './model.ts';
export { rootProblem } from './engine-settings.ts';
export { ConfigError } from './problem.ts';
export type { Problem } from './problem.ts';

const MAX_TIMEOUT = 604_800;
const DEFAULT_SUBNETS = Array.from({ length: 100 }, (_, index) => 100 + index);
const printable = text(/^[^\p{C}]{1,128}$/u, 'up to 128 printable characters');

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
  const settings = new Settings(input.env, input.file, unsupported);
  settings.rejectUnknownKeys();
  const scopes = parseScopes(settings);
  const auth = parseAuth(settings, probe);
  const engine = parseEngine(settings, probe);
  const maxConcurrent = settings.get('MAX_CONCURRENT', wholeNumber(1, 100), 7);
  const jobTimeoutMs = settings.get('JOB_TIMEOUT', seconds(1, MAX_TIMEOUT), 7_200_000);
  const rest = {
    apiUrl: settings.get('GITHUB_API_URL', apiUrl, 'https://api.github.com'),
    maxConcurrent,
    pollIntervalMs: settings.get('POLL_INTERVAL', seconds(1, 3600), 10_000),
    startupTimeoutMs: settings.get('RUNNER_STARTUP_TIMEOUT', seconds(1, MAX_TIMEOUT), 300_000),
    idleTimeoutMs: settings.get('RUNNER_IDLE_TIMEOUT', seconds(1, MAX_TIMEOUT), 300_000),
    jobTimeoutMs,
    classes: parseClasses(
      settings,
      { labels: defaultLabels(input.arch), maxConcurrent, jobTimeoutMs, engine: engine?.kind ?? null },
      probe,
    ),
    runnerGroup: settings.get('RUNNER_GROUP', printable, 'Default'),
    namePrefix: namePrefix(settings.get('RUNNER_NAME_PREFIX', text(/./, 'text'), input.hostname)),
    registration: settings.get('REGISTRATION', oneOf(['jit', 'token']), 'jit'),
    subnets: settings.get('SUBNETS', subnets, DEFAULT_SUBNETS),
    minFreeDisk: settings.get('MIN_FREE_DISK', wholeNumber(0, Number.MAX_SAFE_INTEGER, 'bytes'), 2 ** 31),
    network: parseNetwork(settings, input.env),
    ...parseLocal(settings, input),
  } as const;
  if (settings.problems.length > 0 || auth === null || engine === null)
    return { problems: settings.problems };
  warnOf(settings, rest);
  return { config: { scopes, auth, engine, ...rest, warnings: settings.warnings } };
}

function warnOf(settings: Settings, config: Pick<Config, 'apiUrl' | 'subnets' | 'maxConcurrent'>): void {
  const count = config.subnets.length;
  if (isUnprotected(config.apiUrl)) {
    const setting = settings.pick('GITHUB_API_URL')?.setting ?? 'GITHUB_API_URL';
    settings.warn(setting, `${shown(config.apiUrl)} sends the token unencrypted, use https://`);
  }
  if (count < config.maxConcurrent) {
    const setting = settings.pick('SUBNETS')?.setting ?? 'SUBNETS';
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
function parseNetwork(settings: Settings, env: Environment): Config['network'] {
  const name = 'RUNNER_CONTROLLER_NETWORK';
  const value = readVariable(env, name);
  const given = value === undefined ? undefined : { setting: name, value, from: 'variable' as const };
  return settings.parse(given, oneOf(['engine', 'host']), 'engine');
}

function defaultLabels(arch: string): readonly string[] {
  return ['self-hosted', 'ci', 'nix', arch === 'arm64' ? 'ARM64' : 'x64', 'Linux'];
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
export function loadLocalConfig(
  argvPath: string | undefined,
  env: Environment,
  host: Pick<Host, 'uid' | 'stdoutIsTTY'>,
): LocalConfig {
  const settings = new Settings(env, readConfigFile(argvPath, env), UNSUPPORTED);
  const local = parseLocal(settings, host);
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  return local;
}
