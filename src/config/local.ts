import { isAbsolute } from 'node:path';

import { readVariable } from './env.ts';
import type { Host, LocalConfig } from './model.ts';
import { LOG_FORMATS, LOG_LEVELS } from './model.ts';
import type { GivenValue, Parse, Settings } from './settings.ts';
import { Rejected } from './settings.ts';
import { absolutePath, oneOf, wholeNumber } from './values.ts';

const LONGEST_RUNTIME_DIR = 90;

/** The settings that need no GitHub: directories, the HTTP address and the log. */
export function parseLocal(settings: Settings, host: Pick<Host, 'uid' | 'stdoutIsTTY'>): LocalConfig {
  return {
    stateDir: directory(settings, 'STATE_DIR', defaultStateDir(settings, host.uid), stateDir),
    runtimeDir: directory(settings, 'RUNTIME_DIR', defaultRuntimeDir(settings, host.uid), runtimeDir),
    http: {
      host: settings.get('HTTP_HOST', httpHost, '127.0.0.1'),
      port: settings.get('HTTP_PORT', wholeNumber(0, 65_535), 8080),
    },
    log: {
      level: settings.get('LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
      format: settings.get('LOG_FORMAT', oneOf(LOG_FORMATS), host.stdoutIsTTY ? 'pretty' : 'json'),
    },
  };
}

/**
 * A directory setting. Its default comes from HOME or XDG variables and must keep the same rules as a given value.
 */
function directory(
  settings: Settings,
  name: 'STATE_DIR' | 'RUNTIME_DIR',
  fallback: string | null,
  parse: Parse<string>,
): string {
  const given: GivenValue | undefined =
    settings.pick(name) ??
    (fallback === null ? undefined : { setting: name, value: fallback, from: 'variable' });
  if (given === undefined) settings.missing(name, 'an absolute path, or HOME to derive one from');
  return settings.parse(given, parse, '');
}

function defaultStateDir(settings: Settings, uid: number): string | null {
  if (uid === 0) return '/var/lib/runner-controller';
  const home = readVariable(settings.env, 'HOME');
  const base = xdg(settings, 'XDG_STATE_HOME') ?? (home === undefined ? null : `${home}/.local/state`);
  return base === null ? null : `${base}/runner-controller`;
}

function defaultRuntimeDir(settings: Settings, uid: number): string {
  if (uid === 0) return '/run/runner-controller';
  const base = xdg(settings, 'XDG_RUNTIME_DIR');
  return base === null ? `/tmp/runner-controller-${uid}` : `${base}/runner-controller`;
}

/** An XDG variable; relative values are ignored, as its specification demands. */
function xdg(settings: Settings, name: 'XDG_STATE_HOME' | 'XDG_RUNTIME_DIR'): string | null {
  const value = readVariable(settings.env, name);
  return value !== undefined && isAbsolute(value) ? value : null;
}

/** systemd expands `%` and `$`, and splits its settings at spaces and colons: such a path cannot be passed on. */
const stateDir: Parse<string> = (given) => {
  const path = absolutePath()(given);
  if (path instanceof Rejected) return path;
  return /[\s:%$\p{C}]/u.test(path) ? new Rejected('an absolute path without a space, :, % or $') : path;
};

/** Node cuts a Unix socket's path at about 107 bytes without an error. */
const runtimeDir: Parse<string> = (given) => {
  const path = stateDir(given);
  if (path instanceof Rejected) return path;
  const bytes = new TextEncoder().encode(path).length;
  return bytes > LONGEST_RUNTIME_DIR
    ? new Rejected(`an absolute path of at most ${LONGEST_RUNTIME_DIR} bytes, not ${bytes}`)
    : path;
};

const httpHost: Parse<string> = ({ value }) => {
  const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?$/;
  const ipv6 = /^(?=.*:.*:)[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?$/;
  return typeof value === 'string' && (name.test(value) || ipv6.test(value))
    ? value
    : new Rejected('an address or host name without a port, such as 127.0.0.1 or ::1');
};
