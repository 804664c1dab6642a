# One class's container system: a NixOS evaluation with the host's own package set, made once per host rebuild.
{ lib, pkgs }:
{
  class,
  runnerPackage,
  uid,
  nameservers,
  privateUsers,
  docker,
  stateVersion,
  modules,
}:
let
  evalConfig = import (pkgs.path + "/nixos/lib/eval-config.nix");
in
(evalConfig {
  # The package set says what system it is for.
  system = null;
  modules = [
    ./template.nix
    {
      nixpkgs.pkgs = pkgs;
      system.stateVersion = lib.mkDefault stateVersion;
      ci-runner = {
        inherit class uid;
        nameservers = lib.mkDefault nameservers;
        package = lib.mkDefault runnerPackage;
        docker = lib.mkIf (docker != null) docker.enable;
        userNamespace = privateUsers != false && privateUsers != "identity";
      };
    }
  ]
  ++ modules;
}).config.system.build.toplevel
