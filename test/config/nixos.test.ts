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

interface Differs {
  readonly why: string;
  /** The option's type, where it is not the setting's range. */
  readonly type?: string;
  /** The option's default, where it is not the setting's. */
  readonly initial?: string;
}

const SIZE = 'size in bytes, or a number with K, M, G or T';
const NULL_OR_SIZE = { why: 'sizes may have a unit', type: `null or ${SIZE}` };
const UNBOUNDED = { why: 'bounded by the host alone', type: 'null or (positive integer, meaning >0)' };

/** Where an option is not what its setting is, on purpose. */
const DIFFERS: Readonly<Record<string, Differs>> = {
  engine: {
    why: 'a NixOS host has no use for the process engine',
    type: 'one of "nixos-container", "nspawn"',
  },
  minFreeDisk: { why: 'sizes may have a unit', type: SIZE, initial: '"2G"' },
  labels: { why: 'a list', initial: '[ "self-hosted" "ci" "nix" "x64" "Linux" ]' },
  runnerNamePrefix: { why: "the host's name at evaluation", initial: 'config.networking.hostName' },
  'app.id': { why: 'two forms', type: 'null or positive integer, meaning >0, or non-empty string' },
  'app.installationId': { ...UNBOUNDED, why: 'it is no count' },
  'classes.<name>.labels': {
    why: 'the general option',
    initial: 'config.services.runner-controller.labels',
  },
  'classes.<name>.max': {
    why: 'the general option',
    initial: 'config.services.runner-controller.maxConcurrent',
  },
  'classes.<name>.jobTimeout': {
    why: 'the general option',
    initial: 'config.services.runner-controller.jobTimeout',
  },
  'classes.<name>.container.system': {
    why: 'evaluated with the host',
    initial: 'the NixOS system made of the template and the modules',
  },
  'classes.<name>.limits.cpuPercent': UNBOUNDED,
  'classes.<name>.limits.memoryMax': NULL_OR_SIZE,
  'classes.<name>.limits.memoryHigh': NULL_OR_SIZE,
  'classes.<name>.limits.tasksMax': UNBOUNDED,
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
  it.each(ROWS)('%s has the range and the default of its setting, or differs as is said', (option, row) => {
    const { type, initial } = options.get(option) ?? { type: '', initial: '' };
    const differs = DIFFERS[option];
    const range = differs?.type ?? rangeOf(row) ?? '';
    expect({ option, range: type.includes(range) ? range : type, initial }).toEqual({
      option,
      range,
      initial: differs?.initial ?? JSON.stringify(row.fallback),
    });
  });

  it.each(Object.entries(DIFFERS))('%s still differs', (option, { type, initial }) => {
    const [, row] = ROWS.find(([name]) => name === option) ?? [];
    const range = row === undefined ? undefined : rangeOf(row);
    expect(row).toBeDefined();
    expect(type?.includes(range ?? '\n') ?? false).toBe(false);
    expect(initial).not.toBe(JSON.stringify(row?.fallback));
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
