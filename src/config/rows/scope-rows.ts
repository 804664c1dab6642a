import { isObject } from '../file.ts';
import { enterprise, repositoryPatterns } from '../kinds/github.ts';
import type { Kind } from '../kinds/kind.ts';
import { Rejected } from '../kinds/kind.ts';
import { shown, shownKey } from '../problem.ts';
import type { Rows } from './row.ts';
import { IDENTITY_SETTINGS, PLAIN_SETTINGS, SCOPE_SETTINGS } from './rows.ts';

interface Repositories {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Which of an organisation's repositories are watched. */
const repositories: Kind<Repositories> = {
  parse: (given) => {
    const wrong = new Rejected('{"include": [names], "exclude": [names]}, or one of the two');
    const { value } = given;
    if (!isObject(value)) return wrong;
    const found: Record<string, readonly string[]> = {};
    for (const [key, names] of Object.entries(value)) {
      if (key !== 'include' && key !== 'exclude')
        return new Rejected(wrong.expected, `the key ${shownKey(key)}`);
      const parsed = repositoryPatterns.parse({ ...given, value: names });
      if (parsed instanceof Rejected)
        return new Rejected(parsed.expected, `${key}: ${parsed.given ?? shown(names)}`);
      found[key] = parsed;
    }
    return found;
  },
  print: (value) => ({ ...value }),
  schema: {
    type: 'object',
    properties: { include: repositoryPatterns.schema, exclude: repositoryPatterns.schema },
    additionalProperties: false,
  },
};

const { githubTokenFile, githubAppId, githubAppInstallationId, githubAppPrivateKeyFile } = IDENTITY_SETTINGS;

/** The keys of an entry of `scopes`. */
export const SCOPE_ENTRY_SETTINGS = {
  repo: { ...SCOPE_SETTINGS.githubRepo, meaning: 'a repository, `owner/repo`' },
  org: { ...SCOPE_SETTINGS.githubOrg, meaning: 'an organisation' },
  enterprise: {
    kind: enterprise,
    fallback: null,
    meaning: 'an enterprise',
    needs: 'enterprise',
    option: null,
  },
  repositories: {
    kind: repositories,
    fallback: null,
    meaning:
      'which repositories of the organisation, `include` and `exclude`: lists of names with `*` for any text',
    needs: 'scope-repositories',
    option: null,
  },
  runnerGroup: {
    kind: PLAIN_SETTINGS.runnerGroup.kind,
    fallback: null,
    meaning: 'its runner group, where it is not the general one',
    needs: 'scope-identity',
    option: null,
  },
  githubTokenFile: { ...githubTokenFile, meaning: 'its own token', needs: 'scope-identity', option: null },
  githubAppId: { ...githubAppId, meaning: 'its own App', needs: 'scope-identity', option: null },
  githubAppInstallationId: { ...githubAppInstallationId, needs: 'scope-identity', option: null },
  githubAppPrivateKeyFile: { ...githubAppPrivateKeyFile, needs: 'scope-identity', option: null },
} as const satisfies Rows;
