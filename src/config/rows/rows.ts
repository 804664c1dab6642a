/**
 * Every setting, one row each: its kind, its default, what it means, and where else it goes. The variables, the file's
 * keys, its JSON Schema, what `check-config --print` prints, the tables of docs/configuration.md and the checks of the
 * NixOS module's options are made of these. A row knows a value and nothing of its use. Here are the settings that a
 * variable and a key of the file can say; `class-rows.ts` and `scope-rows.ts` have the keys of the entries of `classes` and
 * `scopes`, and `row.ts` says what a row is.
 */
import { isAbsolute } from 'node:path';

import { ENGINE_KINDS } from '../../core/ports.ts';
import { readVariable } from '../env.ts';
import { absolutePath, duration, oneOf, secretPath, wholeNumber } from '../kinds/basic.ts';
import { apiUrl, appId, namePrefix, organisation, printable, repository } from '../kinds/github.ts';
import {
  allowedHosts,
  httpHost,
  programName,
  runtimeDir,
  shellCommand,
  stateDir,
  subnets,
} from '../kinds/host.ts';
import { CLASS_SETTINGS } from './class-rows.ts';
import type { Origin, Rows } from './row.ts';

/** A week in seconds: the longest that a job may take. */
const WEEK = 604_800;
const BYTES = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'bytes');
const DAYS = wholeNumber(1, 3650, 'days');

/** What is watched, unless `scopes` in the file says it. */
export const SCOPE_SETTINGS = {
  githubRepo: {
    kind: repository,
    fallback: null,
    meaning: '`owner/repo`; exactly one of this, `GITHUB_ORG`, and `scopes` in the file',
    option: 'repo',
  },
  githubOrg: {
    kind: organisation,
    fallback: null,
    meaning: 'an organisation: its repositories are watched, and runners register with it',
    needs: 'organisation',
    option: 'org',
  },
} as const satisfies Rows;

/** Who we are at GitHub. */
export const IDENTITY_SETTINGS = {
  githubTokenFile: {
    kind: secretPath('a GitHub token'),
    fallback: null,
    needed: 'the path of a file that holds a GitHub token',
    meaning: 'file with a classic or fine-grained token; read again before each request',
    option: 'tokenFile',
  },
  githubAppId: {
    kind: appId,
    fallback: null,
    meaning: 'a GitHub App instead of a token: app id or client id',
    needs: 'github-app',
    option: 'app.id',
  },
  githubAppInstallationId: {
    kind: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    fallback: null,
    meaning: 'where the App is installed',
    needs: 'github-app',
    option: 'app.installationId',
  },
  githubAppPrivateKeyFile: {
    kind: secretPath("the App's private key"),
    fallback: null,
    meaning: "file with the App's private key",
    needs: 'github-app',
    option: 'app.privateKeyFile',
  },
} as const satisfies Rows;

/** The rest of what concerns GitHub and jobs. */
const JOB_SETTINGS = {
  githubApiUrl: {
    kind: apiUrl,
    fallback: 'https://api.github.com',
    meaning: 'Enterprise Server: `https://HOST/api/v3`',
    option: 'apiUrl',
  },
  maxConcurrent: { kind: wholeNumber(1, 100), fallback: 7, meaning: 'containers at once, 1–100' },
  pollInterval: {
    kind: duration(1, 3600),
    fallback: 10,
    meaning: 'time between polls of GitHub, 1 s to 1 h',
  },
  jobTimeout: {
    kind: CLASS_SETTINGS.jobTimeout.kind,
    fallback: 7200,
    meaning: 'how long a runner may be busy with one job; this and the next two: 1 s to 7 d',
  },
  runnerStartupTimeout: {
    kind: duration(1, WEEK),
    fallback: 300,
    meaning: "from the container's start to its runner online",
  },
  runnerIdleTimeout: {
    kind: duration(1, WEEK),
    fallback: 300,
    meaning: 'how long an online runner may wait for a job, whatever is queued',
  },
  runnerGroup: {
    kind: printable,
    fallback: 'Default',
    meaning: 'runner group; it means something for organisations only',
  },
  runnerNamePrefix: {
    kind: namePrefix,
    fallback: ({ hostname }: Origin) => (hostname === '' ? 'host' : hostname),
    fallbackText: 'the host name',
    meaning: "first part of every runner's name; what is not a letter, digit or `-` becomes `-`",
  },
  registration: {
    kind: oneOf(['jit', 'token']),
    fallback: 'jit',
    meaning: '`jit`, or `token` for a registration token',
  },
} as const satisfies Rows;

/** What a class has that does not say it of itself. `JOB_TIMEOUT` is one more. */
export const CLASS_DEFAULTS = {
  runnerLabels: {
    kind: CLASS_SETTINGS.labels.kind,
    fallback: ({ arch }: Origin) => ['self-hosted', 'ci', 'nix', arch === 'arm64' ? 'ARM64' : 'x64', 'Linux'],
    fallbackText: '`self-hosted,ci,nix,x64,Linux` (on ARM `ARM64` for `x64`)',
    meaning: 'what runners offer; a job must ask for a non-empty subset',
    option: 'labels',
  },
  containerSystem: {
    kind: CLASS_SETTINGS.containerSystem.kind,
    fallback: null,
    meaning: 'store path of the prebuilt container system',
    option: null,
  },
  containerTemplate: {
    kind: CLASS_SETTINGS.containerTemplate.kind,
    fallback: null,
    fallbackText: '`/etc/nixos/ci-container-template.nix`',
    meaning: 'used without `CONTAINER_SYSTEM`; built once',
    option: null,
  },
} as const satisfies Rows;

/** Which engine, and what one engine alone needs. */
export const ENGINE_SETTINGS = {
  engine: {
    kind: oneOf(ENGINE_KINDS),
    fallback: 'nixos-container',
    meaning: '`nixos-container`, `nspawn` or `process`',
  },
  nixosContainerBin: {
    kind: programName,
    fallback: 'nixos-container',
    meaning: 'for `ENGINE=nixos-container`: the program',
    option: null,
  },
  nspawnRootfs: {
    kind: absolutePath('the absolute path of a directory with an OS tree'),
    fallback: null,
    needed: 'the OS tree that ENGINE=nspawn boots',
    meaning: 'for `ENGINE=nspawn`: an OS tree that boots systemd; never written to',
  },
  processRunner: {
    kind: shellCommand,
    fallback: null,
    needed: 'the shell command that ENGINE=process runs',
    meaning: 'for `ENGINE=process`: run by `/bin/sh -c`, once per job',
    option: null,
  },
} as const satisfies Rows;

const HOST_SETTINGS = {
  subnets: {
    kind: subnets,
    fallback: '192.168.100-199',
    meaning: '`192.168.A-B` or `192.168.A`, comma-separated',
  },
  minFreeDisk: {
    kind: BYTES,
    fallback: 2_147_483_648,
    meaning: 'bytes that must be free before another container is made',
  },
  networkIsolation: {
    kind: oneOf(['on', 'off']),
    fallback: 'on',
    meaning: '`off`: no packet rules of ours',
    needs: 'isolation-off',
    option: null,
  },
} as const satisfies Rows;

/** What commands that only speak to the running controller need. */
export const LOCAL_SETTINGS = {
  stateDir: {
    kind: stateDir,
    fallback: defaultStateDir,
    fallbackText: "`/var/lib/runner-controller`; a user's own without root",
    needed: 'an absolute path, or HOME to derive one from',
    meaning: 'ledger and per-instance directories',
    option: null,
  },
  runtimeDir: {
    kind: runtimeDir,
    fallback: defaultRuntimeDir,
    fallbackText: "`/run/runner-controller`; a user's own without root",
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
    meaning: '`json` or `pretty`',
    option: null,
  },
} as const satisfies Rows;

/** What later versions can do. */
const LATER_SETTINGS = {
  httpAllowedHosts: {
    kind: allowedHosts,
    fallback: null,
    meaning: "further names that a request's `Host` may carry, comma-separated; `*`: any",
    needs: 'allowed-hosts',
    option: null,
  },
  webhookSecretFile: {
    kind: secretPath("the webhook's secret"),
    fallback: null,
    meaning: "file with the secret of GitHub's `workflow_job` deliveries",
    needs: 'webhook',
    option: null,
  },
  webhookHost: {
    kind: httpHost,
    fallback: '127.0.0.1',
    meaning: 'where deliveries are listened for',
    needs: 'webhook',
    option: null,
  },
  webhookPort: {
    kind: wholeNumber(1, 65_535),
    fallback: null,
    meaning: 'their port',
    needs: 'webhook',
    option: null,
  },
  historyDays: {
    kind: DAYS,
    fallback: 30,
    meaning: 'how long what is over can still be asked after',
    needs: 'history',
    option: null,
  },
  keepLogsDays: {
    kind: DAYS,
    fallback: 7,
    meaning: 'how long the words of a container are kept',
    needs: 'logs',
    option: null,
  },
  keepLogsBytes: {
    kind: BYTES,
    fallback: 1_073_741_824,
    meaning: 'how much of them is kept',
    needs: 'logs',
    option: null,
  },
} as const satisfies Rows;

/** Settings that go into the configuration as they are. */
export const PLAIN_SETTINGS = {
  ...JOB_SETTINGS,
  ...HOST_SETTINGS,
  ...LOCAL_SETTINGS,
  ...LATER_SETTINGS,
} as const satisfies Rows;

/** Every setting that a variable and a key of the file can say, in the order in which they are listed. */
export const SETTINGS = {
  ...SCOPE_SETTINGS,
  ...IDENTITY_SETTINGS,
  ...JOB_SETTINGS,
  ...CLASS_DEFAULTS,
  ...ENGINE_SETTINGS,
  ...HOST_SETTINGS,
  ...LOCAL_SETTINGS,
  ...LATER_SETTINGS,
} as const satisfies Rows;

export type SettingKey = keyof typeof SETTINGS;

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
