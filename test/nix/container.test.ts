import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  evaluate,
  lacks,
  lacksLibrary,
  temporary,
  skipped,
  unitFile,
  withLibrary,
  PATIENCE,
} from './support/nix.ts';
import type { Unit } from './support/nix.ts';

const missing = lacksLibrary();

interface Container {
  readonly unit: Unit & { readonly action: Readonly<Record<string, string>> };
  readonly info: unknown;
  readonly resolv: string;
  readonly groups: readonly string[];
  readonly uid: number;
  readonly sudo: boolean;
  readonly docker: boolean;
  readonly suppressed: readonly string[];
  readonly gettys: boolean;
  readonly packages: readonly string[];
  readonly stateVersion: string;
  readonly tmpfiles: readonly string[];
}

/** The template as the module evaluates it, with changes to a class in Nix text. */
function container(changes = '{ }'): Container {
  return evaluate(
    withLibrary(`let
      config = (import (path "nix/container/eval.nix") { inherit lib pkgs; } ({
        class = "default";
        runnerPackage = pkgs.github-runner;
        uid = 47000;
        nameservers = [ "1.1.1.1" "9.9.9.9" ];
        privateUsers = false;
        docker.enable = false;
        stateVersion = "26.05";
        modules = [ ];
      } // ${changes})).config;
      unit = config.systemd.services.runner;
      text = value: builtins.unsafeDiscardStringContext (toString value);
    in {
      unit = {
        inherit (unit) after description stopIfChanged restartIfChanged wantedBy wants;
        path = map toString unit.path;
        environment = lib.mapAttrs (_: text) unit.environment;
        service = unit.serviceConfig // { ExecStart = text unit.serviceConfig.ExecStart; };
        start = { };
        action = unit.unitConfig;
      };
      info = builtins.fromJSON config.environment.etc."ci-runner.json".text;
      resolv = config.environment.etc."resolv.conf".text;
      groups = config.users.users.runner.extraGroups;
      uid = config.users.users.runner.uid;
      sudo = config.security.sudo.enable;
      docker = config.virtualisation.docker.enable;
      suppressed = config.systemd.suppressedSystemUnits;
      gettys = lib.any (name: config.systemd.services.\${name}.enable) [ "getty@" "autovt@" "serial-getty@" "container-getty@" "console-getty" ];
      packages = map (package: package.name) config.environment.systemPackages;
      stateVersion = config.system.stateVersion;
      tmpfiles = map text config.systemd.tmpfiles.rules;
    }`),
  ) as Container;
}

describe.skipIf(missing !== null)(`container template${skipped(missing)}`, () => {
  const found = missing === null ? container() : ({} as Container);

  it('runs one runner once and is gone with it', () => {
    expect(found.unit.action).toEqual({ SuccessAction: 'poweroff-force', FailureAction: 'poweroff-force' });
    expect(found.unit.service).toMatchObject({
      Type: 'exec',
      Restart: 'no',
      LoadCredential: 'runner-registration',
    });
    expect(found.unit.service['ExecStart']).toMatch(/^\S+ \/nix\/store\/\S+runner\.sh$/u);
  });

  it('lets nothing of the boot wait for the network', () => {
    expect({ after: found.unit.after, wants: found.unit.wants }).toEqual({ after: [], wants: [] });
    expect(found.unit.service).not.toHaveProperty('ExecStartPre');
  });

  it('names to the script what the job gets, and keeps from the job what is for root', () => {
    const kept = found.unit.environment['RUNNER_KEEP']?.split(' ') ?? [];
    expect(kept).toEqual(
      expect.arrayContaining(['PATH', 'HOME', 'RUNNER_ROOT', 'NIX_REMOTE', 'RUNNER_SIGNALS', 'NIX_LD']),
    );
    expect(kept).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^RUNNER_(?:UID|GID|LISTENER|KEEP)$/u)]),
    );
    expect(found.unit.environment).toMatchObject({
      RUNNER_UID: '47000',
      NIX_REMOTE: 'daemon',
      RUNNER_SIGNALS: '/run/runner-signals',
      ACTIONS_RUNNER_HOOK_JOB_STARTED: expect.stringMatching(/hooks\/started\.sh$/u) as unknown,
      ACTIONS_RUNNER_HOOK_JOB_COMPLETED: expect.stringMatching(/hooks\/completed\.sh$/u) as unknown,
      RUNNER_LISTENER: expect.stringMatching(
        /github-runner-2\.337\.0-with-node20\/bin\/Runner\.Listener$/u,
      ) as unknown,
    });
  });

  it('gives a job no way to become root', () => {
    expect(found).toMatchObject({ sudo: false, docker: false, groups: [], uid: 47_000 });
    expect(found.unit.environment).not.toHaveProperty('RUNNER_SETUID_ALLOWED');
    expect(found.unit.environment).not.toHaveProperty('RUNNER_GROUPS');
  });

  it('has a trimmed boot', () => {
    expect(found.gettys).toBe(false);
    expect(found.suppressed).toContain('systemd-machine-id-commit.service');
    expect(found.suppressed.filter((name) => name.endsWith('.path'))).toHaveLength(2);
  });

  it('resolves names without the resolver of the host', () => {
    expect(found.resolv).toBe('nameserver 1.1.1.1\nnameserver 9.9.9.9\n');
  });

  it('tells the controller which runner it holds', () => {
    expect(found.info).toEqual({
      version: 1,
      class: 'default',
      uid: 47_000,
      nspawnFlags: [],
      runnerVersion: '2.337.0',
    });
  });

  it('has what actions take for granted', () => {
    expect(found.packages).toEqual(
      expect.arrayContaining(['git', 'curl', 'jq', 'gnutar', 'nodejs_24', 'util-linux']),
    );
    expect(found.tmpfiles.join('\n')).toMatch(/^L\+ \/bin\/bash /mu);
  });

  it('opens up in a user namespace', () => {
    const { unit, docker, groups, info } = container('{ privateUsers = true; docker.enable = true; }');
    expect(unit.environment).toMatchObject({ RUNNER_SETUID_ALLOWED: '1', RUNNER_GROUPS: '131' });
    expect({ docker, groups }).toEqual({ docker: true, groups: ['docker'] });
    expect(info).toMatchObject({
      nspawnFlags: expect.arrayContaining(['--system-call-filter=keyctl']) as unknown,
    });
    expect(container('{ privateUsers = "identity"; }').unit.environment).not.toHaveProperty(
      'RUNNER_SETUID_ALLOWED',
    );
  });

  it('takes modules of the operator, who may change anything', () => {
    const { packages, stateVersion, info, unit, resolv } = container(`{ modules = [ ({ pkgs, ... }: {
      ci-runner.packages = [ pkgs.go ];
      ci-runner.package = pkgs.fake "own-runner" // { version = "2.340.0"; };
      ci-runner.environment.CI_CACHE = "http://10.0.0.5";
      ci-runner.nameservers = [ "10.0.0.53" ];
      system.stateVersion = "25.11";
    }) ]; }`);
    expect(packages).toContain('go');
    expect(info).toMatchObject({ runnerVersion: '2.340.0' });
    expect(unit.environment['RUNNER_KEEP']?.split(' ')).toContain('CI_CACHE');
    expect({ stateVersion, resolv }).toEqual({ stateVersion: '25.11', resolv: 'nameserver 10.0.0.53\n' });
  });

  it('refuses a flag of two words, which the start script would split', () => {
    const modules = '[ { ci-runner.nspawnFlags = [ "--bind /a" ]; } ]';
    expect(() => container(`{ modules = ${modules}; }`)).toThrow(/nspawnFlags/u);
  });

  it('is built from a template file by the expression for hosts without the module', () => {
    const name = evaluate(
      withLibrary(`(import (path "nix/container/build-template.nix") {
        template = { networking.hostName = "mine"; };
        nixpkgs = path "test/nix/stubs/nixpkgs";
        system = "x86_64-linux";
      }).name`),
    );
    expect(name).toBe('nixos-system-mine');
  });

  const cannotVerify = lacks('systemd-analyze');
  it.skipIf(cannotVerify !== null)(
    `systemd-analyze verify has nothing to say${skipped(cannotVerify)}`,
    () => {
      using directory = temporary();
      const file = join(directory.path, 'runner.service');
      const actions = Object.entries(found.unit.action).map(([key, value]) => `${key}=${value}`);
      writeFileSync(file, unitFile(found.unit).replace('[Service]', [...actions, '[Service]'].join('\n')));
      const { status, stdout, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', '--recursive-errors=no', file],
        {
          encoding: 'utf8',
          ...PATIENCE,
        },
      );
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
    },
  );
});
