# Evaluates the machines of a VM test against the strict options; nothing boots.
{ lib, pkgs }:
{
  name,
  nodes,
  testScript,
  globalTimeout ? 0,
}:
let
  machine =
    nodeName: module:
    let
      eval = lib.evalModules {
        modules = [
          ./host.nix
          {
            options.virtualisation = lib.genAttrs [ "memorySize" "diskSize" "cores" ] (
              _: lib.mkOption { type = lib.types.ints.positive; default = 1024; }
            ) // {
              writableStore = lib.mkOption { type = lib.types.bool; default = false; };
              additionalPaths = lib.mkOption { type = lib.types.listOf lib.types.path; default = [ ]; };
            };
            config._module.args.pkgs = pkgs;
            config.networking.hostName = lib.mkDefault nodeName;
          }
          module
        ];
      };
      failed = lib.filter (check: !check.assertion) eval.config.assertions;
    in
    if failed != [ ] then
      throw "${name}: ${nodeName}: ${lib.concatMapStringsSep "; " (check: check.message) failed}"
    else
      builtins.deepSeq (lib.mapAttrs (_: unit: unit.serviceConfig) eval.config.systemd.services) nodeName;
in
builtins.deepSeq (lib.mapAttrs machine nodes) (
  builtins.seq testScript (pkgs.fake "vm-test-${name}" // { inherit name testScript globalTimeout; })
)
