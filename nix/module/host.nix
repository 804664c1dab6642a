# What the host needs besides the service: container support, a slice, directories, kernel limits.
{
  config,
  lib,
  ...
}:
let
  helpers = import ./lib.nix { inherit lib; };
  cfg = config.services.runner-controller;
  prefix = lib.optionalString (lib.versionAtLeast config.system.stateVersion "22.05") "nixos-";
in
{
  config = lib.mkIf cfg.enable {
    # Off by default where no container is declared; without it there is neither the unit nor the CLI.
    boot.enableContainers = lib.mkIf (cfg.engine == "nixos-container") true;

    # A booted container holds about 16 instances of root's 128. Between nixpkgs' own mkDefault, which it must not
    # collide with, and a plain definition, which it must not override.
    boot.kernel.sysctl."fs.inotify.max_user_instances" = lib.mkOverride 900 524288;

    systemd.slices.runner-jobs = {
      description = "Containers of GitHub Actions jobs";
      sliceConfig =
        lib.optionalAttrs (cfg.slice.memoryMax != null) {
          MemoryMax = helpers.bytes cfg.slice.memoryMax;
          # Memory that may be swapped out is no bound on what jobs take from the host.
          MemorySwapMax = 0;
        }
        // lib.optionalAttrs (cfg.slice.cpuPercent != null) {
          CPUQuota = "${toString cfg.slice.cpuPercent}%";
        };
    };

    # The service's sandbox can only open for writing what is there when it starts.
    systemd.tmpfiles.rules = [
      "d /etc/${prefix}containers 0755 root root -"
      "d /var/lib/${prefix}containers 0700 root root -"
      "d /nix/var/nix/profiles/per-container 0700 root root -"
      "d /nix/var/nix/gcroots/per-container 0700 root root -"
      "d /run/systemd/nspawn 0755 root root -"
      "d /run/systemd/system.control 0755 root root -"
    ];
  };
}
