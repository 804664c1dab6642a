import { isAbsolute } from 'node:path';

import { readVariable } from '../env.ts';
import { oneOf, wholeNumber } from '../kinds/basic.ts';
import { httpHost, runtimeDir, stateDir } from '../kinds/host.ts';
import type { Origin, Rows } from './row.ts';

/** What commands that only speak to the running controller need. */
export const LOCAL_SETTINGS = {
  stateDir: {
    kind: stateDir,
    fallback: defaultStateDir,
    fallbackText: '`/var/lib/runner-controller`; without root `~/.local/state/runner-controller`',
    needed: 'an absolute path, or HOME to derive one from',
    meaning: 'ledger and per-instance directories',
    option: null,
  },
  runtimeDir: {
    kind: runtimeDir,
    fallback: defaultRuntimeDir,
    fallbackText:
      '`/run/runner-controller`; without root `$XDG_RUNTIME_DIR/runner-controller` or `/tmp/runner-controller-UID`',
    meaning: 'control socket and credential files',
    option: null,
  },
  httpHost: {
    kind: httpHost,
    fallback: '127.0.0.1',
    meaning: 'address of the read-only HTTP API',
    option: 'http.host',
  },
  httpPort: {
    kind: wholeNumber(0, 65_535),
    fallback: 8080,
    meaning: 'its port; 0 is any free one',
    option: 'http.port',
  },
  logLevel: {
    kind: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
    meaning: 'what is worth a line in the log',
  },
  logFormat: {
    kind: oneOf(['json', 'pretty']),
    fallback: ({ stdoutIsTTY }: Origin) => (stdoutIsTTY ? 'pretty' : 'json'),
    fallbackText: '`json`, on a terminal `pretty`',
    meaning: 'form of the log',
    option: null,
  },
} as const satisfies Rows;

function defaultStateDir({ uid, env }: Origin): string | null {
  if (uid === 0) return '/var/lib/runner-controller';
  const home = readVariable(env, 'HOME');
  const base = xdg(env, 'XDG_STATE_HOME') ?? (home === undefined ? null : `${home}/.local/state`);
  return base === null ? null : `${base}/runner-controller`;
}

function defaultRuntimeDir({ uid, env }: Origin): string {
  if (uid === 0) return '/run/runner-controller';
  const base = xdg(env, 'XDG_RUNTIME_DIR');
  return base === null ? `/tmp/runner-controller-${uid}` : `${base}/runner-controller`;
}

/** An XDG variable; relative values are ignored, as its specification demands. */
function xdg(env: Origin['env'], name: 'XDG_STATE_HOME' | 'XDG_RUNTIME_DIR'): string | null {
  const value = readVariable(env, name);
  return value !== undefined && isAbsolute(value) ? value : null;
}
