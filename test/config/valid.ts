import * as fc from 'fast-check';

import type { JsonSchema } from '../../src/config/kinds/kind.ts';
import { Rejected } from '../../src/config/kinds/kind.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from '../../src/config/rows/class-rows.ts';
import type { Row, Rows } from '../../src/config/rows/row.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { SCOPE_ENTRY_SETTINGS } from '../../src/config/rows/scope-rows.ts';

/** What a schema alone would seldom meet, by the setting's key. */
const EXAMPLES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  githubRepo: fc.constantFrom('o/r', 'octo-org/hello.world', 'O/R'),
  githubOrg: fc.constantFrom('octo', 'Octo-Org'),
  githubApiUrl: fc.constantFrom('https://api.github.com/', 'https://ghe/api/v3', 'http://127.0.0.1:8080'),
  githubTokenFile: fc.constantFrom('/token', '/open-token', '/x/../token'),
  githubAppId: fc.constantFrom(5, '77', 'Iv23liAbC'),
  githubAppPrivateKeyFile: fc.constant('/key.pem'),
  runnerLabels: fc.constantFrom('a,b', ['self-hosted', 'x'], ['X', 'x', 'y']),
  labels: fc.constantFrom('a,b', ['self-hosted', 'x'], ['X', 'x', 'y']),
  name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/),
  containerSystem: fc.constant('/nix/store/system'),
  containerTemplate: fc.constantFrom('/a.nix', '/etc/nixos/ci-container-template.nix'),
  nspawnRootfs: fc.constant('/tree'),
  stateDir: fc.constantFrom('/s', '/var//lib/x/', '/a/../b'),
  runtimeDir: fc.constantFrom('/r', '/run/x/'),
  httpHost: fc.constantFrom('::1', '0.0.0.0', 'ci.example.org'),
  webhookHost: fc.constantFrom('::1', '0.0.0.0'),
  httpAllowedHosts: fc.constantFrom('*', 'a,b', ['ci.example.org']),
  privateUsers: fc.constantFrom(true, false, 'pick', 'identity', '65536', '65536:65536'),
  repositories: fc.constantFrom({ include: ['a*'] }, { include: 'a,b', exclude: ['c'] }, {}),
  enterprise: fc.constant('acme'),
  scaleSet: fc.constantFrom('big', 'a.b'),
  repo: fc.constantFrom('o/r', 'o/s', 'p/t'),
  org: fc.constantFrom('octo', 'acme'),
};

/** Values of a schema, as far as kinds use it. */
function ofSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { anyOf, enum: choices, type, pattern, minimum, maximum } = schema;
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as readonly JsonSchema[]).map(ofSchema));
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as readonly unknown[]));
  if (type === 'integer') return fc.integer({ min: Number(minimum), max: Math.min(Number(maximum), 1e15) });
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength: 1, unit: 'grapheme' });
}

/** A value of the setting as the file may have it, which its parser takes. */
export function valid(key: string, row: Row): fc.Arbitrary<unknown> {
  const values = EXAMPLES[key] ?? ofSchema(row.kind.schema);
  return values.filter(
    (value) => !(row.kind.parse({ setting: key, value, from: 'file' }) instanceof Rejected),
  );
}

/** Some of a table's settings, each with a value that its parser takes. */
function some(rows: Rows, needed: readonly string[] = []): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, valid(key, row)]));
  return fc.record(values, { requiredKeys: [...needed] });
}

const { repo, org, enterprise, ...ofScope } = SCOPE_ENTRY_SETTINGS;
const scope = fc
  .tuple(
    fc.oneof(some({ repo }, ['repo']), some({ org }, ['org']), some({ enterprise }, ['enterprise'])),
    some(ofScope),
  )
  .map((parts) => Object.assign({}, ...parts));

const runnerClass = fc
  .tuple(some(CLASS_SETTINGS, ['name', 'labels']), fc.option(some(LIMIT_SETTINGS), { nil: undefined }))
  .map(([keys, limits]) => Object.assign(keys, limits === undefined ? {} : { limits }));

/** Files in which every value is good by itself; how they go together decides whether the whole is. */
export const goodFile: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    some(SETTINGS),
    fc.option(fc.array(scope, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    fc.option(fc.array(runnerClass, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    fc.boolean(),
  )
  .map(([settings, scopes, classes, byToken]) => {
    const file: Record<string, unknown> = Object.assign(
      settings,
      scopes === undefined ? {} : { scopes },
      classes === undefined ? {} : { classes },
    );
    // Of what excludes each other, one is left.
    if (scopes !== undefined) delete file['githubRepo'];
    if (scopes !== undefined || 'githubRepo' in file) delete file['githubOrg'];
    const app = ['githubAppId', 'githubAppInstallationId', 'githubAppPrivateKeyFile'];
    for (const key of byToken ? app : ['githubTokenFile']) delete file[key];
    if (classes !== undefined) delete file['runnerLabels'];
    return file;
  });
