# A package set of names: every package is a derivation that is never built, and texts can be read back.
{
  lib,
  system ? "x86_64-linux",
}:
let
  fake =
    name:
    derivation {
      inherit name system;
      builder = "/bin/sh";
    }
    // {
      pname = name;
      meta.mainProgram = name;
    };

  named = lib.genAttrs [
    "bashInteractive"
    "coreutils"
    "curl"
    "diffutils"
    "e2fsprogs"
    "file"
    "findutils"
    "gawk"
    "cmake"
    "gcc"
    "git"
    "gnugrep"
    "go"
    "gnumake"
    "gnused"
    "gnutar"
    "gzip"
    "icu"
    "inetutils"
    "iproute2"
    "jq"
    "nftables"
    "nix"
    "nixfmt"
    "nodejs_24"
    "openssh"
    "openssl"
    "patch"
    "procps"
    "rsync"
    "shellcheck"
    "systemd"
    "unzip"
    "util-linux"
    "wget"
    "which"
    "xz"
    "zip"
    "zlib"
    "zstd"
  ] fake;

  withText = name: text: fake name // { inherit text; };

  pkgs = named // {
    inherit lib fake pkgs;
    path = ./nixpkgs;
    runtimeShell = "/bin/sh";
    callPackage = lib.callPackageWith pkgs;
    github-runner = fake "github-runner-2.337.0" // {
      version = "2.337.0";
    };
    stdenv = {
      hostPlatform = {
        inherit system;
        isAarch64 = system == "aarch64-linux";
      };
      cc.cc.lib = fake "gcc-lib";
    };
    writeText = withText;
    writeShellScript = withText;
    writeShellScriptBin = withText;
    runCommand =
      name: attrs: text:
      fake name // attrs.passthru or { } // { inherit text; };
    mkShell = { packages }: builtins.deepSeq (map (p: p.name) packages) (fake "shell");
    # Forced, so that a throw in an argument is found.
    buildNpmPackage = args: builtins.deepSeq (removeAttrs args [ "npmConfigHook" "nodejs" ]) (fake args.pname // args);
    importNpmLock = {
      npmConfigHook = fake "npm-config-hook";
      __functor =
        _:
        { npmRoot, package, packageLock }:
        fake "npm-deps" // { inherit package packageLock; };
    };
    testers.runNixOSTest = import ./vm-test.nix { inherit lib pkgs; };
  };
in
pkgs
