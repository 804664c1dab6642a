import type { Config, Host } from '../../src/config/config.ts';
import { ConfigError, parseConfig } from '../../src/config/config.ts';
import type { ConfigFile } from '../../src/config/file.ts';
import type { Probe } from '../../src/config/probe.ts';
import type { Unsupported } from '../../src/config/problem.ts';
import { describeProblem } from '../../src/config/problem.ts';

export const HOST: Host = { hostname: 'ci01', arch: 'x64', uid: 0, stdoutIsTTY: false };

/** The smallest environment that this version accepts. */
export const GOOD = {
  GITHUB_REPO: 'o/r',
  GITHUB_TOKEN_FILE: '/token',
  ENGINE: 'process',
  PROCESS_RUNNER: 'run-one-job',
};

export const ALL_FEATURES: Unsupported = {};

/** A file system in a table: every path there is; whatever is absent does not exist. */
export function probeOf(paths: Readonly<Record<string, 'file' | 'directory' | 'empty' | 'open'>>): Probe {
  return {
    missing(path, kind) {
      const found = paths[path];
      if (found === undefined) return 'it does not exist';
      if (kind === 'directory' && found !== 'directory') return 'it is not a directory';
      return kind === 'file' && found === 'directory' ? 'it is not a file' : null;
    },
    secret(path) {
      const found = paths[path];
      if (found === undefined) return { fault: 'it does not exist', mode: null };
      return { fault: found === 'empty' ? 'it is empty' : null, mode: found === 'open' ? 0o644 : 0o600 };
    },
  };
}

export const PROBE = probeOf({
  '/token': 'file',
  '/open-token': 'open',
  '/empty': 'empty',
  '/key.pem': 'file',
  '/tree': 'directory',
  '/nix/store/system': 'directory',
  '/etc/nixos/ci-container-template.nix': 'file',
  '/a.nix': 'file',
});

export function fileOf(value: unknown): ConfigFile {
  return { path: '/etc/rc.json', text: JSON.stringify(value) };
}

interface Trial {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly file?: unknown;
  readonly host?: Partial<Host>;
  readonly unsupported?: Unsupported;
}

function parse({ env = {}, file, host, unsupported }: Trial) {
  const input = { ...HOST, ...host, env, file: file === undefined ? undefined : fileOf(file) };
  return parseConfig(input, PROBE, unsupported);
}

export function configOf(trial: Trial): Config {
  const parsed = parse(trial);
  if ('problems' in parsed) throw new ConfigError(parsed.problems);
  return parsed.config;
}

/** Every problem as its line in the message; empty when there is none. */
export function problemsOf(trial: Trial): readonly string[] {
  const parsed = parse(trial);
  return 'problems' in parsed ? parsed.problems.map(describeProblem) : [];
}
