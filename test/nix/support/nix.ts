import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
const STUBS = join(import.meta.dirname, '../stubs');

/**
 * For what only reads Nix text: no store is opened, so that it needs neither rights nor a `nixbld` group, whose absence
 * Nix tells root on stderr. No search path either: its default is looked for in root's home, whoever asks.
 */
export const NO_STORE: Readonly<Record<string, string>> = { NIX_REMOTE: 'dummy://', NIX_PATH: '' };

/** A command that is not over by then hangs; generous, because CI machines are slow and shared. */
export const PATIENCE = { timeout: 100_000 };

/** A checkout of nix-community/nixpkgs.lib, or none. */
const library = process.env['NIXPKGS_LIB'];

export function has(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command]).status === 0;
}

/** Why tests that need these commands are skipped; null when they are all there. */
export function lacks(...commands: readonly string[]): string | null {
  const missing = commands.filter((command) => !has(command));
  return missing.length === 0 ? null : `${missing.join(', ')} not installed`;
}

/** Why tests that evaluate the module are skipped; null when they can run. */
export function lacksLibrary(): string | null {
  const missing = lacks('nix-instantiate');
  if (missing !== null) return missing;
  if (library === undefined || library === '')
    return 'NIXPKGS_LIB names no checkout of nix-community/nixpkgs.lib';
  return existsSync(join(library, 'lib/default.nix'))
    ? null
    : `NIXPKGS_LIB=${library} has no lib/default.nix`;
}

export function lacksRoot(): string | null {
  return process.getuid?.() === 0 ? null : 'not root';
}

/** For the title of a suite: why it does not run. Said aloud too, because reports leave out titles of what is skipped. */
export function skipped(reason: string | null): string {
  if (reason === null) return '';
  process.stdout.write(`skipped: ${reason}\n`);
  return ` (skipped: ${reason})`;
}

/** The value of a Nix expression, fully evaluated. Throws with Nix's own message. */
export function evaluate(expression: string): unknown {
  return JSON.parse(instantiate(expression).stdout) as unknown;
}

function instantiate(
  expression: string,
  env: NodeJS.ProcessEnv = {},
): { readonly stdout: string; readonly stderr: string } {
  const result = spawnSync('nix-instantiate', ['--eval', '--strict', '--json', '-E', expression], {
    encoding: 'utf8',
    ...PATIENCE,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NIX_PATH: '', ...env },
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return result;
}

/** Processor time that Nix takes for an expression. */
export function processorSeconds(expression: string): number {
  const { stderr } = instantiate(expression, { NIX_SHOW_STATS: '1' });
  return (JSON.parse(stderr.slice(stderr.indexOf('{'))) as { cpuTime: number }).cpuTime;
}

/** What stubs/eval.nix reports of a host with this configuration, as an expression. */
export function hostExpression(configuration: string): string {
  return withLibrary(`import ${STUBS}/eval.nix { inherit lib; configuration = (${configuration}); }`);
}

/** Brings `lib`, the stub package set `pkgs` and `path` (a file of this repository) into scope of an expression. */
export function withLibrary(expression: string): string {
  return `
    let
      lib = import ${library ?? ''}/lib;
      pkgs = import ${STUBS}/pkgs.nix { inherit lib; };
      path = name: ${ROOT} + "/\${name}";
    in ${expression}`;
}

export interface Unit {
  readonly after: readonly string[];
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  readonly service: Readonly<Record<string, Value>>;
  readonly start: Readonly<Record<string, Value>>;
  readonly stopIfChanged: boolean;
  readonly restartIfChanged: boolean;
  readonly wantedBy: readonly string[];
  readonly wants: readonly string[];
}

type Scalar = string | number | boolean;
type Value = Scalar | readonly Scalar[];

/** What stubs/eval.nix reports of a host. */
export interface Host {
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  readonly touched: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>> & {
    readonly classes: readonly Readonly<Record<string, unknown>>[];
  };
  readonly unit: Unit;
  readonly slice: Readonly<Record<string, Value>>;
  readonly tmpfiles: readonly string[];
  readonly enableContainers: boolean;
  readonly inotify: number;
  readonly nat: readonly string[];
  readonly nftables: Readonly<Record<string, string>>;
  readonly inputRules: string;
  readonly iptables: string;
  readonly iptablesStop: string;
  readonly unmanaged: readonly string[];
  readonly networkd: Readonly<Record<string, unknown>>;
  readonly commands: Readonly<Record<string, string>>;
}

/** Evaluates the module for several host configurations (NixOS modules as Nix text) in one run of Nix. */
export function evaluateHosts<Name extends string>(
  configurations: Readonly<Record<Name, string>>,
): Record<Name, Host> {
  const cases = Object.entries<string>(configurations).map(
    ([name, text]) =>
      `${JSON.stringify(name)} = import ${STUBS}/eval.nix { inherit lib; configuration = (${text}); };`,
  );
  return evaluate(withLibrary(`{ ${cases.join('\n')} }`)) as Record<Name, Host>;
}

/** The smallest configuration that works, with more module options and more of the host's own. */
export function host(options = '', system = ''): string {
  return `{ lib, pkgs, ... }: {
    services.runner-controller = lib.mkMerge [
      { enable = true; repo = "octo/hello"; tokenFile = "/run/secrets/token"; }
      { ${options} }
    ];
    ${system}
  }`;
}

/** A unit file's text. What it starts is replaced by a program that is there, which is all that `systemd-analyze verify` asks. */
export function unitFile(unit: Unit): string {
  const lines = (values: Readonly<Record<string, Value>>): string[] =>
    Object.entries(values).flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map(
        (item) => `${key}=${key === 'ExecStart' ? '/bin/true' : text(item)}`,
      ),
    );
  return [
    '[Unit]',
    `Description=${unit.description}`,
    ...unit.after.map((name) => `After=${name}`),
    ...unit.wants.map((name) => `Wants=${name}`),
    ...lines(unit.start),
    '[Service]',
    ...Object.entries(unit.environment).map(([name, value]) => `Environment="${name}=${value}"`),
    ...lines(unit.service),
    '[Install]',
    ...unit.wantedBy.map((name) => `WantedBy=${name}`),
    '',
  ].join('\n');
}

function text(value: unknown): string {
  return String(value);
}

/** A directory of this test's own, gone at the end of the `using` scope. */
export function temporary(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'runner-controller-nix-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every file under version control or about to be, below the named folders, that ends so. */
export function files(ending: string, ...folders: readonly string[]): string[] {
  const out = execFileSync('find', [...folders, '-type', 'f', '-name', `*${ending}`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return out
    .split('\n')
    .filter((name) => name !== '')
    .toSorted();
}

export function executable(path: string, script: string): string {
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}
