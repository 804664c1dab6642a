# `import <nixpkgs> { }` of the tests; the library's checkout is named by the environment.
{ system }:
import ../pkgs.nix {
  lib = import (builtins.getEnv "NIXPKGS_LIB" + "/lib");
  inherit system;
}
