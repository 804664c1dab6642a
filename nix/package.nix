# The controller. Dependencies come from package-lock.json alone: its integrity fields are the hashes,
# so no dependency hash has to be bumped by hand.
{
  lib,
  stdenv,
  buildNpmPackage,
  importNpmLock,
  nodejs_24,
  # Where tarballs are downloaded; any mirror of the npm registry will do, the lock's integrity decides.
  npmRegistry ? "https://registry.yarnpkg.com",
}:
let
  root = ../.;
  packageJson = lib.importJSON ../package.json;
  platform = stdenv.hostPlatform;

  completeLock = import ./lock.nix {
    registry = npmRegistry;
    os = "linux";
    cpu = if platform.isAarch64 then "arm64" else "x64";
    libc = "glibc";
  };
in
buildNpmPackage {
  pname = packageJson.name;
  inherit (packageJson) version;

  # Only what the build reads, so that a change in the tests or the documentation rebuilds nothing.
  src = lib.sources.sourceByRegex root [
    "package\\.json"
    "package-lock\\.json"
    "tsconfig\\.json"
    "tsconfig\\.build\\.json"
    "LICENSE"
    "src"
    "src/.*"
    "nix"
    "nix/container"
    "nix/container/.*"
    "scripts"
    "scripts/(runner-status|cleanup-github-runners|cleanup-all-containers)"
  ];

  nodejs = nodejs_24;

  npmDeps = importNpmLock {
    npmRoot = root;
    package = packageJson;
    packageLock = completeLock (lib.importJSON ../package-lock.json);
  };
  npmConfigHook = importNpmLock.npmConfigHook;

  # Hosts without the NixOS module build their container template with the expressions in `share`.
  postInstall = ''
    install -m 0755 -t $out/bin scripts/runner-status scripts/cleanup-github-runners scripts/cleanup-all-containers
    mkdir -p $out/share/runner-controller
    cp -r nix/container $out/share/runner-controller/
  '';

  meta = {
    inherit (packageJson) description;
    license = lib.licenses.mit;
    mainProgram = "runner-controller";
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };
}
