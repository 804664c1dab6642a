import { describe, expect, it } from 'vitest';

import { evaluate, evaluateHosts, lacksLibrary, ROOT, skipped, withLibrary } from './support/nix.ts';

const missing = lacksLibrary();

/** What secret managers declare, as far as the examples use it. */
const SECRETS = `{ lib, config, ... }: {
  options.sops.secrets = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
    options.path = lib.mkOption { type = lib.types.str; default = "/run/secrets/\${name}"; };
  })); };
  options.age.secrets = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
    options.file = lib.mkOption { type = lib.types.path; };
    options.path = lib.mkOption { type = lib.types.str; default = "/run/agenix/\${name}"; };
  })); };
}`;

const EXPECTED = {
  'one-repository': { classes: ['default'], token: '/var/lib/secrets/github-token' },
  'two-classes': { classes: ['big', 'small'], token: undefined },
  'docker-class': { classes: ['docker', 'plain'], token: '/var/lib/secrets/github-token' },
  'sops-secret': { classes: ['default'], token: '/run/secrets/github-token' },
  'agenix-secret': { classes: ['default'], token: '/run/agenix/github-token' },
  'without-flakes': { classes: ['default'], token: '/var/lib/secrets/github-token' },
} as const;
const names = Object.keys(EXPECTED) as (keyof typeof EXPECTED)[];

describe.skipIf(missing !== null)(`examples${skipped(missing)}`, () => {
  it.each(names)('%s is a host without complaints', (name) => {
    const { example } = evaluateHosts({
      example: `{ imports = [ ${ROOT}/examples/${name}.nix (${SECRETS}) ]; }`,
    });
    expect(example.assertions).toEqual([]);
    expect(example.warnings).toEqual([]);
    expect(example.settings.classes.map((each) => each['name'])).toEqual(EXPECTED[name].classes);
    expect(example.settings['githubTokenFile']).toBe(EXPECTED[name].token);
  });

  it('ci-container-template is a template of the shipped expression', () => {
    const found = evaluate(
      withLibrary(`let
        container = (import (path "nix/container/eval.nix") { inherit lib pkgs; } {
          class = "default";
          runnerPackage = pkgs.github-runner;
          uid = 47000;
          nameservers = [ "1.1.1.1" ];
          privateUsers = false;
          docker.enable = false;
          stateVersion = "26.05";
          modules = [ (path "examples/ci-container-template.nix") ];
        }).config;
      in { resolv = container.environment.etc."resolv.conf".text; go = builtins.elem pkgs.go container.environment.systemPackages; }`),
    );
    expect(found).toEqual({ resolv: 'nameserver 9.9.9.9\n', go: true });
  });
});
