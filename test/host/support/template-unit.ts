import { sh } from './shell.ts';

type Scalar = string | number | boolean;
type Settings = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** What nix/container/runner.nix says, with the user that it wants. */
export interface TemplateUnit {
  readonly description: string;
  readonly wantedBy: readonly string[];
  readonly path: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly unitConfig: Settings;
  readonly serviceConfig: Settings;
  readonly user: { readonly name: string; readonly uid: number; readonly home: string };
}

/** Where the template finds its runner. */
export const RUNNER = '/opt/runner';

/** The file asks so little of nixpkgs that these few words stand for it, and Debian's Nix can evaluate it. */
const EXPRESSION = `
  let
    lib = {
      inherit (builtins) attrNames concatStringsSep;
      optionalAttrs = wanted: attributes: if wanted then attributes else { };
      getVersion = package: package.version;
    };
    pkgs = { callPackage = _: _: "${RUNNER}"; runtimeShell = "/bin/sh"; };
    config = {
      programs.nix-ld.enable = true;
      ci-runner = {
        user = "runner"; uid = 47000; class = "default"; package.version = "2.337.0"; environment = { };
        docker = false; userNamespace = false; nspawnFlags = [ ];
      };
    };
    module = import /srv/runner-controller/nix/container/runner.nix { inherit config lib pkgs; };
  in {
    inherit (module.systemd.services.runner) description wantedBy path environment unitConfig serviceConfig;
    user = { name = "runner"; inherit (module.users.users.runner) uid home; };
  }`;

/** Evaluates the template's runner unit; the scripts that it names are in the machine's store after that. */
export function evaluateTemplateUnit(): TemplateUnit {
  const expression = EXPRESSION.replaceAll("'", String.raw`'\''`);
  const text = sh(`nix-instantiate --eval --strict --json --read-write-mode -E '${expression}'`);
  return JSON.parse(text) as TemplateUnit;
}

/** The store paths that the unit names. */
export function storePathsOf(unit: TemplateUnit): readonly string[] {
  return [...new Set(JSON.stringify(unit).match(/\/nix\/store\/[^/" ]+/gu))];
}

/** The unit file as NixOS writes it; what is in `path` becomes PATH. */
export function unitText({
  description,
  path,
  environment,
  unitConfig,
  serviceConfig,
}: TemplateUnit): string {
  const programs = ['bin', 'sbin'].flatMap((folder) => path.map((each) => `${each}/${folder}`));
  const variables = { ...environment, PATH: programs.join(':') };
  return [
    '[Unit]',
    `Description=${description}`,
    ...lines(unitConfig),
    '[Service]',
    ...Object.entries(variables).map(([name, value]) => `Environment="${name}=${value}"`),
    ...lines(serviceConfig),
    '',
  ].join('\n');
}

function lines(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([key, value]) => [value].flat().map((each) => `${key}=${each}`));
}
