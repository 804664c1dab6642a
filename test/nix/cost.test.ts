import { describe, expect, it } from 'vitest';

import { host, hostExpression, lacksLibrary, processorSeconds, skipped, withLibrary } from './support/nix.ts';

const missing = lacksLibrary();

const THREE_CLASSES = host('classes = lib.genAttrs [ "a" "b" "c" ] (name: { labels = [ name ]; });');

describe.skipIf(missing !== null)(`cost of the module${skipped(missing)}`, () => {
  it('adds less than 0.2 s to the evaluation of a host', () => {
    const cost = (expression: string): number => {
      const times = Array.from({ length: 5 }, () => processorSeconds(expression)).toSorted((a, b) => a - b);
      return times[2] ?? Number.NaN;
    };
    const without = `(lib.evalModules {
      modules = [ (path "test/nix/stubs/host.nix") { _module.args.pkgs = pkgs; } ];
    }).config.assertions`;
    const added = cost(hostExpression(THREE_CLASSES)) - cost(withLibrary(without));
    process.stdout.write(
      `evaluation time that the module adds (three classes): ${(added * 1000).toFixed(0)} ms\n`,
    );
    expect(added).toBeLessThan(0.2);
  });
});
