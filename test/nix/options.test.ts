import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { evaluate, lacksLibrary, ROOT, skipped, withLibrary } from './support/nix.ts';

const missing = lacksLibrary();
const PAGE = join(ROOT, 'docs/options.md');

interface Option {
  readonly name: string;
  readonly description: string;
  readonly type: string;
}

describe.skipIf(missing !== null)(`option reference${skipped(missing)}`, () => {
  it('docs/options.md is what the module says', () => {
    const page = evaluate(withLibrary(`import (path "nix/options-doc.nix") { inherit lib pkgs; }`)) as string;
    if (process.env['UPDATE_OPTIONS'] === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('lists every option of the module', () => {
    const page = readFileSync(PAGE, 'utf8');
    const listed = [...page.matchAll(/^### `(.+)`$/gmu)].map(([, name]) => name);
    expect(listed).toEqual(
      visible()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('every option has a description that is a sentence, and a type', () => {
    const options = visible();
    expect(options.length).toBeGreaterThan(50);
    const bad = options.filter(
      ({ description, type }) => !/^[`A-Z][\s\S]{10,}[.]$/u.test(description.trim()) || type === '',
    );
    expect(bad).toEqual([]);
  });
});

/** The options that an operator may set, from the whole module. */
function visible(): readonly Option[] {
  return evaluate(
    withLibrary(`let
        eval = lib.evalModules { modules = [
          (path "nix/module.nix") (path "test/nix/stubs/host.nix") { _module.args.pkgs = pkgs; }
        ]; };
        shown = lib.filter (option: !option.internal && lib.hasPrefix "services.runner-controller" option.name) (lib.optionAttrSetToDocList eval.options);
      in map (option: { inherit (option) name type; description = option.description or ""; }) shown`),
  ) as readonly Option[];
}
