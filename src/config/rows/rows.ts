/**
 * Every setting, one row each: its kind, its default, what it means, and where else it goes. The variables, the file's
 * keys, its JSON Schema, what `check-config --print` prints, the tables of docs/configuration.md and the checks of the
 * NixOS module's options are made of these. A row knows a value and nothing of its use. Here are the settings that a
 * variable and a key of the file can say; `class-rows.ts` and `scope-rows.ts` have the keys of the entries of `classes` and
 * `scopes`, and `row.ts` says what a row is.
 */
import { ENGINE_KINDS } from '../../core/ports.ts';
import { absolutePath, duration, oneOf, secretPath, wholeNumber } from '../kinds/basic.ts';
import { apiUrl, appId, namePrefix, organisation, printable, repository } from '../kinds/github.ts';
import { programName, shellCommand, subnets } from '../kinds/host.ts';
import { CLASS_SETTINGS, DEFAULT_TEMPLATE } from './class-rows.ts';
import { LATER_SETTINGS } from './later-rows.ts';
import { LOCAL_SETTINGS } from './local-rows.ts';
import type { Origin, Rows } from './row.ts';

/** A week in seconds: the longest that a job may take. */
const WEEK = 604_800;
const BYTES = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'bytes');

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
  maxConcurrent: { kind: wholeNumber(1, 100), fallback: 7, meaning: 'containers at once' },
  pollInterval: {
    kind: duration(1, 3600),
    fallback: 10,
    meaning: 'time between polls of GitHub',
  },
  jobTimeout: {
    kind: CLASS_SETTINGS.jobTimeout.kind,
    fallback: 7200,
    meaning: 'how long a runner may be busy with one job',
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
    meaning: 'how runners register: a just-in-time configuration, or a registration token',
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
    fallbackText: `\`${DEFAULT_TEMPLATE}\``,
    meaning: 'used without `CONTAINER_SYSTEM`; built once',
    option: null,
  },
} as const satisfies Rows;

/** Which engine, and what one engine alone needs. */
export const ENGINE_SETTINGS = {
  engine: {
    kind: oneOf(ENGINE_KINDS),
    fallback: 'nixos-container',
    meaning: 'what makes the containers',
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
    meaning: 'whether there are packet rules of ours',
    needs: 'isolation-off',
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
