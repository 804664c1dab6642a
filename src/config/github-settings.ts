import type { Variable } from './env.ts';
import { isObject } from './file.ts';
import type { AuthConfig, Scope } from './model.ts';
import type { Probe } from './probe.ts';
import { shown } from './problem.ts';
import type { GivenValue, Parse, Settings } from './settings.ts';
import { member, Rejected } from './settings.ts';
import { absolutePath, organisation, repository, text, wholeNumber } from './values.ts';

const ONE_SCOPE = 'exactly one of GITHUB_REPO, GITHUB_ORG, or scopes in the file';

/** What is watched. Variables override the file, and each of the two may say it in one way only. */
export function parseScopes(settings: Settings): readonly Scope[] {
  const variables = [settings.variable('GITHUB_REPO'), settings.variable('GITHUB_ORG')];
  const [repo, org, list] = variables.some((given) => given !== undefined)
    ? variables
    : [settings.key('githubRepo'), settings.key('githubOrg'), settings.key('scopes')];
  const given = [repo, org, list].filter((one) => one !== undefined);
  if (given.length === 0) settings.missing('GITHUB_REPO', `owner/repo: ${ONE_SCOPE}`);
  if (given.length > 1) {
    settings.report({
      setting: given.map(({ setting }) => setting).join(', '),
      given: 'more than one of them',
      expected: ONE_SCOPE,
    });
  }
  return [...scopeOf(settings, repo, org), ...(list === undefined ? [] : scopeList(settings, list))];
}

function scopeOf(
  settings: Settings,
  repo: GivenValue | undefined,
  org: GivenValue | undefined,
): readonly Scope[] {
  const name = settings.parse(repo, repository, null);
  const organisationName = settings.parse(org, organisation, null);
  if (org !== undefined && organisationName !== null) {
    settings.refuse('organisation', org.setting, shown(organisationName));
  }
  return [
    ...(name === null ? [] : [{ repo: name }]),
    ...(organisationName === null ? [] : [{ org: organisationName }]),
  ];
}

function scopeList(settings: Settings, given: GivenValue): readonly Scope[] {
  const form = new Rejected('a list such as [{"repo": "owner/repo"}]');
  if (!Array.isArray(given.value) || given.value.length === 0) {
    settings.reject(given, form);
    return [];
  }
  const scopes: Scope[] = [];
  const seen = new Set<string>();
  for (const [index, value] of (given.value as readonly unknown[]).entries()) {
    const setting = `scopes[${index}]`;
    const parsed = isObject(value) ? scopeEntry(settings, value, setting) : [];
    if (!isObject(value))
      settings.reject({ setting, value, from: 'file' }, new Rejected('{"repo": "owner/repo"}'));
    for (const scope of parsed) {
      const name = 'repo' in scope ? scope.repo : scope.org;
      // GitHub's names ignore case, and watching one twice would count its jobs twice.
      if (seen.has(name.toLowerCase())) {
        settings.report({ setting, given: shown(name), expected: 'each repository or organisation once' });
      }
      seen.add(name.toLowerCase());
      scopes.push(scope);
    }
  }
  return scopes;
}

function scopeEntry(
  settings: Settings,
  value: Readonly<Record<string, unknown>>,
  setting: string,
): readonly Scope[] {
  settings.rejectUnknownMembers(value, ['repo', 'org'], `${setting}.`);
  const repo = member(value, 'repo', `${setting}.repo`);
  const org = member(value, 'org', `${setting}.org`);
  if ((repo === undefined) === (org === undefined)) {
    const given = repo === undefined ? 'neither repo nor org' : 'both repo and org';
    settings.report({ setting, given, expected: '{"repo": "owner/repo"} or {"org": "name"}' });
    return [];
  }
  return scopeOf(settings, repo, org);
}

const APP_VARIABLES = [
  'GITHUB_APP_ID',
  'GITHUB_APP_INSTALLATION_ID',
  'GITHUB_APP_PRIVATE_KEY_FILE',
] as const satisfies readonly Variable[];

/**
 * A token file or an App, never both; null when a problem was reported. An identity in variables replaces the file's.
 */
export function parseAuth(settings: Settings, probe: Probe): AuthConfig | null {
  const tokenInEnv = settings.variable('GITHUB_TOKEN_FILE') !== undefined;
  const appInEnv = APP_VARIABLES.some((name) => settings.variable(name) !== undefined);
  const token = appInEnv && !tokenInEnv ? undefined : settings.pick('GITHUB_TOKEN_FILE');
  const app = tokenInEnv && !appInEnv ? [] : APP_VARIABLES.flatMap((name) => settings.pick(name) ?? []);
  if (token !== undefined && app.length > 0) {
    settings.report({
      setting: [token, ...app].map(({ setting }) => setting).join(', '),
      given: 'a token file and a GitHub App',
      expected: 'one of the two',
    });
  }
  if (app.length > 0) return parseApp(settings, probe);
  if (token !== undefined) {
    const tokenFile = settings.parse(token, secretFile(settings, probe, 'token'), null);
    return tokenFile === null ? null : { kind: 'token', tokenFile };
  }
  settings.missing('GITHUB_TOKEN_FILE', 'the path of a file that holds a GitHub token');
  return null;
}

function parseApp(settings: Settings, probe: Probe): AuthConfig | null {
  for (const name of APP_VARIABLES) {
    if (settings.pick(name) === undefined) settings.missing(name, 'a value: a GitHub App needs all three');
  }
  const first = APP_VARIABLES.map((name) => settings.pick(name)).find((given) => given !== undefined);
  settings.refuse('github-app', first?.setting ?? 'GITHUB_APP_ID', 'a GitHub App');
  const appId = settings.parse(settings.pick('GITHUB_APP_ID'), appIdentity, null);
  const installationId = settings.parse(
    settings.pick('GITHUB_APP_INSTALLATION_ID'),
    wholeNumber(1, Number.MAX_SAFE_INTEGER),
    null,
  );
  const privateKeyFile = settings.parse(
    settings.pick('GITHUB_APP_PRIVATE_KEY_FILE'),
    secretFile(settings, probe, 'key'),
    null,
  );
  if (appId === null || installationId === null || privateKeyFile === null) return null;
  return { kind: 'app', appId, installationId, privateKeyFile };
}

const appIdentity: Parse<string> = ({ value, setting }) => {
  const plain = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const parse = text(/^(?:[1-9][0-9]{0,15}|Iv[A-Za-z0-9.]{1,62})$/, 'an app id (digits) or client id (Iv…)');
  return parse({ setting, value: plain, from: 'file' });
};

/** Parses the path of a credential file, which must be usable now. */
function secretFile(settings: Settings, probe: Probe, form: 'token' | 'key'): Parse<string> {
  const what = form === 'token' ? 'a GitHub token' : "the App's private key";
  return (given) => {
    const path = absolutePath(`the absolute path of a file that holds ${what}`)(given);
    // Somebody may have written the credential itself instead of its path, so the value is never shown.
    if (path instanceof Rejected) return new Rejected(path.expected, 'no absolute path (not shown)');
    const { fault, mode } = probe.secret(path, form);
    if (fault !== null) return new Rejected(`a file that holds ${what}: ${fault}`);
    if (mode !== null && (mode & 0o004) !== 0) {
      const bits = mode.toString(8).padStart(4, '0');
      settings.warn(given.setting, `${shown(path)} can be read by every user (mode ${bits}), chmod 600 it`);
    }
    return path;
  };
}
