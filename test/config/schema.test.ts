import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/config.ts';
import type { Config } from '../../src/config/config.ts';
import { Rejected } from '../../src/config/kinds/kind.ts';
import { printConfig } from '../../src/config/print.ts';
import { offlineProbe } from '../../src/config/probe.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from '../../src/config/rows/class-rows.ts';
import type { Row } from '../../src/config/rows/row.ts';
import { PLAIN_SETTINGS, SETTINGS } from '../../src/config/rows/rows.ts';
import { SCOPE_ENTRY_SETTINGS } from '../../src/config/rows/scope-rows.ts';
import { fileSchema } from '../../src/config/schema.ts';
import { ALL_FEATURES, fileOf, HOST, PROBE } from './support.ts';
import { goodFile, valid } from './valid.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const isGood = ajv.compile(fileSchema());

function configOf(file: unknown): Config | null {
  const parsed = parseConfig({ ...HOST, env: {}, file: fileOf(file) }, PROBE, ALL_FEATURES);
  return 'config' in parsed ? parsed.config : null;
}

const ROWS: readonly (readonly [string, Row])[] = [
  ...Object.entries(SETTINGS),
  ...Object.entries(SCOPE_ENTRY_SETTINGS).map(([key, row]) => [`scopes[].${key}`, row] as const),
  ...Object.entries(CLASS_SETTINGS).map(([key, row]) => [`classes[].${key}`, row] as const),
  ...Object.entries(LIMIT_SETTINGS).map(([key, row]) => [`classes[].limits.${key}`, row] as const),
];

const ROOT = resolve(import.meta.dirname, '../..');

function textOf(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Configuration files that are shown to people. */
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['examples/systemd', textOf('examples/systemd/config.json')],
  ...[...textOf('docs/configuration.md').matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => ['docs/configuration.md', text] as const,
  ),
];

describe('a setting', () => {
  it.each(ROWS)(
    '%s: its schema takes what its parser takes, and printing it and parsing that is the identity',
    (key, row) => {
      const name = key.slice(key.lastIndexOf('.') + 1);
      const takes = ajv.compile(row.kind.schema);
      const anything = fc.oneof(
        valid(name, row),
        fc.jsonValue(),
        fc.string(),
        fc.integer({ min: -1, max: 101 }),
      );
      let met = 0;
      fc.assert(
        fc.property(anything, (value) => {
          const parsed = row.kind.parse({ setting: key, value, from: 'file' });
          if (parsed instanceof Rejected) return;
          met += 1;
          expect(takes(value)).toBe(true);
          const printed = row.kind.print(parsed);
          expect(row.kind.parse({ setting: key, value: printed, from: 'file' })).toEqual(parsed);
        }),
      );
      expect(met).toBeGreaterThan(10);
    },
  );
});

describe('a file', () => {
  it('that is accepted fits the schema, and printed and read again it is the same, every setting there', () => {
    let met = 0;
    fc.assert(
      fc.property(goodFile, (file) => {
        const config = configOf(file);
        if (config === null) return;
        met += 1;
        expect(isGood(file)).toBe(true);
        const printed: unknown = JSON.parse(printConfig(config, ALL_FEATURES));
        expect(isGood(printed)).toBe(true);
        // Warnings name the setting where it now stands.
        expect({ ...configOf(printed), warnings: [] }).toEqual({ ...config, warnings: [] });
        const missing = Object.entries(PLAIN_SETTINGS).filter(
          ([key]) => config[key as keyof Config] !== null && !Object.hasOwn(printed as object, key),
        );
        expect(missing).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(met).toBeGreaterThan(100);
  });

  it.each(EXAMPLES)('shown as an example in %s fits the schema, and is accepted', (_, text) => {
    expect(isGood(JSON.parse(text))).toBe(true);
    const file = { path: '/rc.json', text };
    expect(parseConfig({ ...HOST, env: {}, file }, offlineProbe)).toHaveProperty('config');
  });

  it.each([
    ['an unknown key', { polInterval: 5 }],
    ['an unknown key of a class', { classes: [{ name: 'a', label: 'x' }] }],
    ['an unknown limit', { classes: [{ name: 'a', limits: { nofile: 1 } }] }],
    ['a number out of range', { maxConcurrent: 0 }],
    ['a number as text', { httpPort: '80' }],
    ['a duration in a unit that there is not', { jobTimeout: '3w' }],
    ['another engine', { engine: 'docker' }],
    ['null', { maxConcurrent: null }],
    ['two scopes in one', { scopes: [{ repo: 'o/r', org: 'o' }] }],
    ['no scopes', { scopes: [] }],
    ['a class without a name', { classes: [{ labels: ['x'] }] }],
  ])('with %s does not fit the schema', (_, file) => {
    expect(isGood(file)).toBe(false);
  });
});
