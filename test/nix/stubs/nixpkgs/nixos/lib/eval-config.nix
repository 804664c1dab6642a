# Stands where nixpkgs has it. `pkgs` brings the library, because no nixpkgs is around it.
{ system, modules }:
let
  pkgs = (builtins.head (builtins.filter (module: module ? nixpkgs) modules)).nixpkgs.pkgs;
in
assert system == null;
pkgs.lib.evalModules { modules = modules ++ [ ../../../container.nix ]; }
