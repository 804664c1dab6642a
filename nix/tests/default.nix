# One VM test per file. They need KVM and daemon features; `nix flake check --no-build` and CI evaluate them.
{ pkgs }:
let
  names = [
    "one-job"
    "matrix-burst"
    "restart-with-jobs"
    "kill"
    "cleanup-commands"
    "isolation"
    "token-registration"
    "two-classes"
  ];
  run = name: pkgs.testers.runNixOSTest (import (./. + "/${name}.nix") { inherit pkgs; } // {
    inherit name;
    globalTimeout = 600;
  });
in
pkgs.lib.genAttrs names run
