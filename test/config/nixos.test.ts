import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/config.ts';
import { offlineProbe } from '../../src/config/probe.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from '../../src/config/rows/class-rows.ts';
import type { Row, Rows } from '../../src/config/rows/row.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { fileSchema } from '../../src/config/schema.ts';
import { HOSTS } from '../nix/support/hosts.ts';
import type { Host } from '../nix/support/nix.ts';
import { evaluateHosts, lacksLibrary, ROOT, skipped } from '../nix/support/nix.ts';

const RENDERED = join(import.meta.dirname, '../nix/rendered');
const HOST = { hostname: 'ci01', arch: 'x64', uid: 0, stdoutIsTTY: false };

/** Options whose values the module writes in another form, or narrows, on purpose. */
const DIFFERS: Readonly<Record<string, string>> = {
  engine: 'a NixOS host has no use for the process engine',
  minFreeDisk: 'sizes may have K, M, G or T',
  'classes.<name>.limits.cpuPercent': 'bounded by the host alone',
  'classes.<name>.limits.memoryMax': 'sizes may have K, M, G or T',
  'classes.<name>.limits.memoryHigh': 'sizes may have K, M, G or T',
  'classes.<name>.limits.tasksMax': 'bounded by the host alone',
  'app.id': 'null or one of two forms',
  'app.installationId': 'null or a number',
};

/** The option reference, which another test holds to the module: each option's type and default as text. */
const options = new Map(
  readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
    .split('### `services.runner-controller.')
    .slice(1)
    .map((text) => [
      text.slice(0, text.indexOf('`')),
      { type: /^- Type: (.+)$/m.exec(text)?.[1] ?? '', initial: /^- Default: `(.+)`$/m.exec(text)?.[1] },
    ]),
);

function named(rows: Rows, prefix: string): readonly (readonly [string, Row])[] {
  return Object.entries(rows).flatMap(([key, row]) =>
    row.option === null ? [] : [[`${prefix}${row.option ?? key}`, row] as const],
  );
}

const ROWS = [
  ...named(SETTINGS, ''),
  // A class's name is that of its attribute.
  ...named(CLASS_SETTINGS, 'classes.<name>.').filter(([option]) => !option.endsWith('.name')),
  ...named(LIMIT_SETTINGS, 'classes.<name>.limits.'),
];

/** What a schema allows, in the words of the module's types; null for text. */
function rangeOf({ kind: { schema } }: Row): string | null {
  const anyOf = schema['anyOf'];
  const {
    type,
    minimum,
    maximum,
    enum: choices,
  } = Array.isArray(anyOf) ? (anyOf[0] as typeof schema) : schema;
  if (Array.isArray(choices)) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  return type === 'integer' ? `between ${Number(minimum)} and ${Number(maximum)} (both inclusive)` : null;
}

describe('the options of the module', () => {
  it.each(ROWS)('%s has the range and the default of its setting', (option, row) => {
    const found = options.get(option);
    const { fallback } = row;
    const isSame = DIFFERS[option] === undefined;
    const range = (isSame && rangeOf(row)) || '';
    const isPlain = typeof fallback === 'string' || typeof fallback === 'number';
    expect(found?.type).toContain(range);
    expect(found?.initial).toEqual(isSame && isPlain ? JSON.stringify(fallback) : found?.initial);
  });

  it('differ for a reason that is still there', () => {
    expect(Object.keys(DIFFERS).filter((option) => !options.has(option))).toEqual([]);
  });
});

const missing = lacksLibrary();

describe.skipIf(missing !== null)(`what the module renders${skipped(missing)}`, () => {
  const hosts = missing === null ? evaluateHosts(HOSTS) : ({} as Record<keyof typeof HOSTS, Host>);

  // `npx vitest run --project unit test/config/nixos.test.ts -u` records it.
  it.each(Object.keys(HOSTS).filter((name) => name !== 'off') as (keyof typeof HOSTS)[])(
    '%s is what is recorded',
    async (name) => {
      const text = `${JSON.stringify(hosts[name].settings, null, 2)}\n`;
      // A store path's hash is made of more than the configuration.
      const steady = text.replaceAll(/(?<=\/nix\/store\/)[a-z0-9]{32}/g, '0'.repeat(32));
      await expect(steady).toMatchFileSnapshot(join(RENDERED, `${name}.json`));
    },
  );
});

describe('what the module renders, as recorded', () => {
  const fits = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(fileSchema());

  it.each(readdirSync(RENDERED))('%s fits the schema, and the controller takes it', (name) => {
    const text = readFileSync(join(RENDERED, name), 'utf8');
    const parsed = parseConfig({ ...HOST, env: {}, file: { path: name, text } }, offlineProbe, {});
    const problems = 'problems' in parsed ? parsed.problems.map(({ setting }) => setting) : [];
    // `settings` is the way to give a key that this version does not know.
    const unknown = name === 'settings.json' ? ['brandNew'] : [];
    expect(problems).toEqual(unknown);
    expect(fits(JSON.parse(text))).toBe(unknown.length === 0);
  });
});
