# Everything this project offers to Nix, without flakes: `import ./. { inherit pkgs; }`; `module` alone needs no
# package set.
{
  pkgs ? import <nixpkgs> { },
}:
let
  package = pkgs.callPackage ./nix/package.nix { };
  tests = import ./nix/tests { inherit pkgs; };
in
{
  inherit package tests;
  module = ./nix/module.nix;
  overlay = import ./nix/overlay.nix;

  demo = pkgs.writeShellScript "runner-controller-demo" ''
    exec ${pkgs.lib.getExe package} demo "$@"
  '';

  options-doc = pkgs.writeText "options.md" (
    import ./nix/options-doc.nix {
      inherit pkgs;
      inherit (pkgs) lib;
    }
  );

  checks = tests // {
    inherit package;
    shell-scripts = pkgs.runCommand "shellcheck" { nativeBuildInputs = [ pkgs.shellcheck ]; } ''
      shellcheck ${./scripts}/runner-status ${./scripts}/cleanup-github-runners ${./scripts}/cleanup-all-containers
      shellcheck -x ${./nix/container}/runner.sh ${./nix/container}/hooks/*.sh
      touch $out
    '';
  };

  shell = pkgs.mkShell {
    packages = [
      pkgs.nodejs_24
      pkgs.shellcheck
      pkgs.nixfmt
    ];
  };

  formatter = pkgs.nixfmt;
}
