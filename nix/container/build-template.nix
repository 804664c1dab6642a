# For hosts without the NixOS module: a container template file -> the system that containers boot.
#
#   nix-build build-template.nix --arg template /etc/nixos/ci-container-template.nix --argstr system x86_64-linux
#
# The template is an ordinary NixOS module (a file, or what one holds). It is put on top of this project's own
# template, so a file that holds `{ }` is a working one; options of ./options.nix are under `ci-runner`. Built once
# per content and nixpkgs, never per job.
{
  template,
  nixpkgs ? <nixpkgs>,
  system ? builtins.currentSystem,
}:
let
  pkgs = import nixpkgs { inherit system; };
in
import ./eval.nix { inherit pkgs; inherit (pkgs) lib; } {
  class = "default";
  runnerPackage = pkgs.github-runner;
  uid = 47000;
  nameservers = [
    "1.1.1.1"
    "9.9.9.9"
  ];
  privateUsers = false;
  # The template's own affair: nobody here knows how its containers will be run.
  docker = null;
  stateVersion = pkgs.lib.trivial.release;
  modules = [ template ];
}
