# Programs that actions and scripts take for granted on a Linux runner.
{
  config,
  lib,
  pkgs,
  ...
}:
{
  environment.systemPackages = [
    pkgs.bashInteractive
    pkgs.coreutils
    pkgs.curl
    pkgs.diffutils
    pkgs.file
    pkgs.findutils
    pkgs.gawk
    pkgs.git
    pkgs.gnugrep
    pkgs.gnumake
    pkgs.gnused
    pkgs.gnutar
    pkgs.gzip
    pkgs.inetutils # hostname
    pkgs.iproute2
    pkgs.jq
    pkgs.nodejs_24
    pkgs.openssh
    pkgs.patch
    pkgs.procps
    pkgs.rsync
    pkgs.unzip
    pkgs.util-linux
    pkgs.wget
    pkgs.which
    pkgs.xz
    pkgs.zip
    pkgs.zstd
  ]
  ++ config.ci-runner.packages;

  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];

  # Actions download programs that were not built by Nix.
  programs.nix-ld.enable = lib.mkDefault true;
  programs.nix-ld.libraries = [
    pkgs.curl
    pkgs.icu
    pkgs.openssl
    pkgs.stdenv.cc.cc.lib
    pkgs.zlib
  ]
  ++ config.ci-runner.libraries;

  # Scripts of actions begin with #!/bin/bash.
  systemd.tmpfiles.rules = [ "L+ /bin/bash - - - - ${pkgs.bashInteractive}/bin/bash" ];
}
