import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, lacksLibrary, ROOT, titled, withLibrary } from './support.ts';

const missing = lacksLibrary();
const PAGE = join(ROOT, 'docs/options.md');

interface Option {
  readonly name: string;
  readonly description: string;
  readonly type: string;
}

describe.skipIf(missing !== null)(titled('option reference', missing), () => {
  it('docs/options.md is what the module says', () => {
    const page = evaluate(
      withLibrary(`import (path "nix/options-doc.nix") { inherit lib pkgs; hostModules = [ (path "test/nix/stubs/host.nix") ]; }`),
    ) as string;
    if (process.env['UPDATE_OPTIONS'] === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('every option has a description that is a sentence, and a type', () => {
    const options = evaluate(
      withLibrary(`let
        eval = lib.evalModules { modules = [
          (path "nix/module.nix") (path "test/nix/stubs/host.nix") { _module.args.pkgs = pkgs; }
        ]; };
        shown = lib.filter (option: lib.hasPrefix "services.runner-controller" option.name) (lib.optionAttrSetToDocList eval.options);
      in map (option: { inherit (option) name type; description = option.description or ""; }) shown`),
    ) as readonly Option[];
    expect(options.length).toBeGreaterThan(50);
    const bad = options.filter(({ description, type }) => !/^[`A-Z][\s\S]{10,}[.]$/u.test(description.trim()) || type === '');
    expect(bad).toEqual([]);
  });
});
