import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { variableOf } from '../../src/config/rows/row.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { GOOD, HOST, PROBE } from './support.ts';

const KEYS = Object.keys(SETTINGS);

const TOKEN = `ghp_${'T0ken'.repeat(7)}x`;

/** Text near the edges of what is valid, a pasted token among it. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '7',
    '0',
    '-1',
    '',
    'a,b',
    '/token',
    '/a b',
    'o/r',
    'process',
    'nspawn',
    '192.168.1-3',
    'https://h/a',
  ),
  fc
    .tuple(fc.constantFrom('', '/', 'https://', 'https://u:', 'o/'), fc.constant(TOKEN))
    .map((parts) => parts.join('')),
);
const name = fc.constantFrom(...KEYS.map(variableOf), 'HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR');
const env = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs));

const json = fc.oneof(value, fc.jsonValue(), fc.integer({ min: -1, max: 101 }));
const entry = fc.dictionary(
  fc.constantFrom(
    'name',
    'labels',
    'max',
    'limits',
    'repo',
    'org',
    'privateUsers',
    'containerTemplate',
    TOKEN,
  ),
  json,
);
const key = fc.oneof(fc.constantFrom(...KEYS, '__proto__', 'constructor', TOKEN), fc.string());
const object = fc
  .tuple(fc.array(fc.tuple(key, json)), fc.option(fc.array(entry)), fc.option(fc.array(entry)))
  .map(([pairs, scopes, classes]) =>
    Object.fromEntries([...pairs, ['scopes', scopes], ['classes', classes]]),
  );
const text = fc.oneof(
  { weight: 4, arbitrary: object.map((file) => JSON.stringify(file)) },
  { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string(), value) },
);

describe('parseConfig', () => {
  it('answers with a configuration or with problems, and repeats no token', () => {
    const met = { config: 0, problems: 0, token: 0 };
    fc.assert(
      fc.property(env, fc.option(text, { freq: 2 }), fc.boolean(), (variables, content, good) => {
        const all = { ...variables, ...(good ? { ...GOOD, HOME: '/home/u' } : {}) };
        const file = content === null ? undefined : { path: '/rc.json', text: content };
        const parsed = parseConfig({ ...HOST, uid: 1000, env: all, file }, PROBE);
        const said =
          'problems' in parsed ? parsed.problems.map(describeProblem) : [parsed.config.warnings.join('\n')];
        met['problems' in parsed ? 'problems' : 'config'] += 1;
        if (JSON.stringify([all, content]).includes(TOKEN)) met.token += 1;
        expect(said).not.toHaveLength(0);
        expect(said.join('\n')).not.toContain(TOKEN);
      }),
      { numRuns: 2000 },
    );
    // The generator must reach all three, or the property says nothing.
    expect(Math.min(met.config, met.problems, met.token)).toBeGreaterThan(20);
  });
});
