import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  evaluate,
  lacks,
  lacksLibrary,
  ROOT,
  temporary,
  skipped,
  withLibrary,
  PATIENCE,
} from './support/nix.ts';

interface LockNode {
  readonly locked: { readonly rev: string; readonly narHash: string };
  readonly original: { readonly ref: string };
}

const missing = lacksLibrary() ?? lacks('nix');

const FLAGS = ['--extra-experimental-features', 'nix-command flakes', '--offline'];

function nix(directory: string, ...args: readonly string[]) {
  return spawnSync('nix', [...FLAGS, ...args], {
    cwd: directory,
    encoding: 'utf8',
    ...PATIENCE,
    env: { ...process.env, HOME: directory, XDG_CACHE_HOME: join(directory, 'cache') },
  });
}

/** The flake in one directory and a stand-in for nixpkgs, of the real library and named packages, in another. */
function copies(directory: string): readonly [string, string] {
  const flake = join(directory, 'flake');
  const nixpkgs = join(directory, 'nixpkgs');
  const stubs = join(ROOT, 'test/nix/stubs');
  mkdirSync(flake);
  for (const name of [
    'flake.nix',
    'flake.lock',
    'default.nix',
    'nix',
    'scripts',
    'package.json',
    'package-lock.json',
  ]) {
    cpSync(join(ROOT, name), join(flake, name), { recursive: true });
  }
  cpSync(stubs, nixpkgs, { recursive: true });
  cpSync(join(stubs, 'nixpkgs/flake.nix'), join(nixpkgs, 'flake.nix'));
  cpSync(join(process.env['NIXPKGS_LIB'] ?? '', 'lib'), join(nixpkgs, 'lib'), { recursive: true });
  return [flake, nixpkgs];
}

describe('flake.lock', () => {
  it('pins the branch that flake.nix names', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'flake.lock'), 'utf8')) as {
      nodes: { nixpkgs: LockNode };
    };
    const { locked, original } = lock.nodes.nixpkgs;
    expect(readFileSync(join(ROOT, 'flake.nix'), 'utf8')).toContain(`github:NixOS/nixpkgs/${original.ref}`);
    expect(locked.rev).toMatch(/^[0-9a-f]{40}$/u);
    expect(locked.narHash).toMatch(/^sha256-[A-Za-z0-9+/]{43}=$/u);
  });
});

describe.skipIf(missing !== null)(`flake${skipped(missing)}`, () => {
  it('passes nix flake check against a stand-in for nixpkgs, for both systems', () => {
    using directory = temporary();
    const [flake, nixpkgs] = copies(directory.path);
    const { status, stderr } = nix(
      flake,
      'flake',
      'check',
      '--no-build',
      '--no-write-lock-file',
      '--override-input',
      'nixpkgs',
      `path:${nixpkgs}`,
      `path:${flake}`,
    );
    const errors = stderr.split('\n').filter((line) => line.includes('error'));
    expect({ status, errors }).toEqual({ status: 0, errors: [] });
  });

  it('default.nix offers the same without flakes', () => {
    const found = evaluate(
      withLibrary(`let project = import (path "default.nix") { inherit pkgs; }; in {
        outputs = lib.attrNames project;
        program = project.package.meta.mainProgram;
        tests = lib.attrNames project.tests;
        scripts = map (test: builtins.isString test.testScript) (lib.attrValues project.tests);
        overlay = (project.overlay pkgs pkgs).runner-controller.name;
      }`),
    );
    expect(found).toEqual({
      outputs: [
        'checks',
        'demo',
        'formatter',
        'module',
        'options-doc',
        'overlay',
        'package',
        'shell',
        'tests',
      ],
      program: 'runner-controller',
      tests: [
        'cleanup-commands',
        'isolation',
        'kill',
        'matrix-burst',
        'one-job',
        'restart-with-jobs',
        'token-registration',
        'two-classes',
      ],
      scripts: Array.from({ length: 8 }, () => true),
      overlay: 'runner-controller',
    });
  });

  const noPython = lacks('python3');
  it.skipIf(noPython !== null)(`the scripts of the VM tests are Python${skipped(noPython)}`, () => {
    const scripts = evaluate(
      withLibrary(`lib.mapAttrs (_: test: builtins.unsafeDiscardStringContext test.testScript)
        (import (path "default.nix") { inherit pkgs; }).tests`),
    ) as Readonly<Record<string, string>>;
    for (const [name, script] of Object.entries(scripts)) {
      const compile = 'import sys; compile(sys.stdin.read(), sys.argv[1], "exec")';
      const { stderr } = spawnSync('python3', ['-c', compile, name], {
        input: script,
        encoding: 'utf8',
        ...PATIENCE,
      });
      expect({ name, stderr }).toEqual({ name, stderr: '' });
    }
  });
});
