import { isObject } from './file.ts';
import type { GivenValue } from './kinds/kind.ts';
import { Rejected } from './kinds/kind.ts';
import type { Scope } from './model.ts';
import { shown } from './problem.ts';
import { SCOPE_ENTRY_SETTINGS } from './rows/scope-rows.ts';
import type { Settings } from './settings.ts';
import { member } from './settings.ts';

const ONE_SCOPE = 'exactly one of GITHUB_REPO, GITHUB_ORG, or scopes in the file';

/** What is watched. Variables override the file, and each of the two may say it in one way only. */
export function parseScopes(settings: Settings): readonly Scope[] {
  const variables = [settings.variable('githubRepo'), settings.variable('githubOrg')];
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
  const general = scopeFrom(settings, (key) => ({ repo, org })[key as 'repo' | 'org']);
  return [
    ...('repo' in general || 'org' in general ? [general] : []),
    ...(list === undefined ? [] : scopeList(settings, list)),
  ];
}

/** What was found of one scope; without repository, organisation and enterprise when that one was wrong. */
function scopeFrom(settings: Settings, find: (key: string) => GivenValue | undefined): Scope {
  const found = Object.entries(settings.read(SCOPE_ENTRY_SETTINGS, find)).filter(
    ([, value]) => value !== null,
  );
  return Object.fromEntries(found) as unknown as Scope;
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
    if (!isObject(value)) {
      settings.reject({ setting, value, from: 'file' }, new Rejected('{"repo": "owner/repo"}'));
      continue;
    }
    const scope = scopeEntry(settings, value, setting);
    const name = nameOf(scope);
    if (name === undefined) continue;
    // GitHub's names ignore case, and watching one twice would count its jobs twice.
    if (seen.has(name.toLowerCase())) {
      settings.report({ setting, given: shown(name), expected: 'each repository or organisation once' });
    }
    seen.add(name.toLowerCase());
    scopes.push(scope);
  }
  return scopes;
}

function nameOf(scope: Partial<Record<'repo' | 'org' | 'enterprise', string>>): string | undefined {
  return scope.repo ?? scope.org ?? scope.enterprise;
}

const WHAT = ['repo', 'org', 'enterprise'] as const;

function scopeEntry(settings: Settings, value: Readonly<Record<string, unknown>>, setting: string): Scope {
  settings.rejectUnknownMembers(value, Object.keys(SCOPE_ENTRY_SETTINGS), `${setting}.`);
  const own = (key: string): GivenValue | undefined => member(value, key, `${setting}.${key}`);
  const said = WHAT.filter((key) => own(key) !== undefined);
  if (said.length !== 1) {
    const given = said.length === 0 ? 'neither repo nor org' : `both ${said.join(' and ')}`;
    settings.report({ setting, given, expected: '{"repo": "owner/repo"} or {"org": "name"}' });
  }
  return scopeFrom(settings, said.length === 1 ? own : () => undefined);
}
