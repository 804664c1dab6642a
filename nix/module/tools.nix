# What the controller and nixos-container call by name; a service's own PATH has little more than coreutils.
{
  config,
  lib,
  pkgs,
}:
[
  config.nix.package
  pkgs.e2fsprogs # chattr
  pkgs.iproute2
  pkgs.nftables
  pkgs.util-linux # mountpoint, umount
  config.systemd.package
]
