import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { ACCEPTED, ALSO_REFUSED, REFUSED, WARNED } from './support/configurations.ts';
import { evaluateHosts, lacksLibrary, ROOT, skipped } from './support/nix.ts';
import type { Host } from './support/nix.ts';

const missing = lacksLibrary();

describe.skipIf(missing !== null)(`assertions and warnings${skipped(missing)}`, () => {
  const rows = [...REFUSED, ...ALSO_REFUSED, ...WARNED];
  const hosts: Record<string, Host> =
    missing === null
      ? evaluateHosts({ ...Object.fromEntries(rows.map(([name, text]) => [name, text])), ...ACCEPTED })
      : {};

  it.each([...REFUSED, ...ALSO_REFUSED])('refuses %s', (name, _, message) => {
    expect(hosts[name]?.assertions).toEqual([expect.stringMatching(message)]);
  });

  it.each(WARNED)('warns of %s', (name, _, message) => {
    expect(hosts[name]).toMatchObject({ assertions: [], warnings: [expect.stringMatching(message)] });
  });

  it.each(Object.keys(ACCEPTED))('accepts %s', (name) => {
    expect({ assertions: hosts[name]?.assertions, warnings: hosts[name]?.warnings }).toEqual({
      assertions: [],
      warnings: [],
    });
  });

  it('has a row for each assertion and each warning of the module', () => {
    const count = (file: string, pattern: RegExp): number =>
      [...readFileSync(join(ROOT, 'nix/module', file), 'utf8').matchAll(pattern)].length;
    expect(REFUSED).toHaveLength(count('assertions.nix', /\bcheck \(/gu));
    expect(WARNED).toHaveLength(count('warnings.nix', /^\s*(?:\+\+\s*)?optional (?:\(|config)/gmu));
  });

  it('begins every message with the option that is to be changed', () => {
    const option = /^(?:services\.runner-controller|networking\.|nix\.|containers\.|virtualisation\.)[^ ]*/u;
    for (const [name] of rows) {
      for (const message of [...(hosts[name]?.assertions ?? []), ...(hosts[name]?.warnings ?? [])]) {
        expect(message).toMatch(option);
      }
    }
  });
});
