import { Rejected } from './kinds/kind.ts';
import type { Json, Parse } from './kinds/kind.ts';
import type { AuthConfig } from './model.ts';
import type { Probe } from './probe.ts';
import { shown } from './problem.ts';
import { variableOf } from './rows/row.ts';
import { IDENTITY_SETTINGS } from './rows/rows.ts';
import type { Settings } from './settings.ts';

const APP = ['githubAppId', 'githubAppInstallationId', 'githubAppPrivateKeyFile'] as const;

/**
 * A token file or an App, never both; null when a problem was reported. An identity in variables replaces the file's.
 */
export function parseAuth(settings: Settings, probe: Probe): AuthConfig | null {
  const tokenInEnv = settings.variable('githubTokenFile') !== undefined;
  const appInEnv = APP.some((key) => settings.variable(key) !== undefined);
  const token = appInEnv && !tokenInEnv ? undefined : settings.pick('githubTokenFile');
  const app = tokenInEnv && !appInEnv ? [] : APP.flatMap((key) => settings.pick(key) ?? []);
  if (token !== undefined && app.length > 0) {
    settings.report({
      setting: [token, ...app].map(({ setting }) => setting).join(', '),
      given: 'a token file and a GitHub App',
      expected: 'one of the two',
    });
  }
  if (app.length > 0) return parseApp(settings, probe);
  const { kind, needed } = IDENTITY_SETTINGS.githubTokenFile;
  if (token !== undefined) {
    const tokenFile = settings.parse(token, usable(kind.parse, settings, probe, 'token'), null);
    return tokenFile === null ? null : { kind: 'token', tokenFile };
  }
  settings.missing(variableOf('githubTokenFile'), needed);
  return null;
}

function parseApp(settings: Settings, probe: Probe): AuthConfig | null {
  for (const key of APP) {
    if (settings.pick(key) === undefined)
      settings.missing(variableOf(key), 'a value: a GitHub App needs all three');
  }
  const first = APP.map((key) => settings.pick(key)).find((given) => given !== undefined);
  settings.refuse('github-app', first?.setting ?? variableOf('githubAppId'), 'a GitHub App');
  const { githubAppId, githubAppInstallationId, githubAppPrivateKeyFile } = IDENTITY_SETTINGS;
  const appId = settings.parse(settings.pick('githubAppId'), githubAppId.kind.parse, null);
  const installationId = settings.parse(
    settings.pick('githubAppInstallationId'),
    githubAppInstallationId.kind.parse,
    null,
  );
  const privateKeyFile = settings.parse(
    settings.pick('githubAppPrivateKeyFile'),
    usable(githubAppPrivateKeyFile.kind.parse, settings, probe, 'key'),
    null,
  );
  if (appId === null || installationId === null || privateKeyFile === null) return null;
  return { kind: 'app', appId, installationId, privateKeyFile };
}

/** The identity as the file has it. */
export function printAuth(auth: AuthConfig): Readonly<Record<string, Json>> {
  if (auth.kind === 'token') return { githubTokenFile: auth.tokenFile };
  return {
    githubAppId: auth.appId,
    githubAppInstallationId: auth.installationId,
    githubAppPrivateKeyFile: auth.privateKeyFile,
  };
}

/** The path of a credential file, which must be usable now. */
function usable(
  parse: Parse<string>,
  settings: Settings,
  probe: Probe,
  form: 'token' | 'key',
): Parse<string> {
  const what = form === 'token' ? 'a GitHub token' : "the App's private key";
  return (given) => {
    const path = parse(given);
    if (path instanceof Rejected) return path;
    const { fault, mode } = probe.secret(path, form);
    if (fault !== null) return new Rejected(`a file that holds ${what}: ${fault}`);
    if (mode !== null && (mode & 0o004) !== 0) {
      const bits = mode.toString(8).padStart(4, '0');
      settings.warn(given.setting, `${shown(path)} can be read by every user (mode ${bits}), chmod 600 it`);
    }
    return path;
  };
}
