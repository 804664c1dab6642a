# /etc/nixos/ci-container-template.nix: what job containers have more than the shipped template, on hosts without the
# NixOS module. It is a NixOS module; the controller builds it once and again when it changes.
{ pkgs, ... }:
{
  ci-runner.packages = [ pkgs.go ];
  ci-runner.nameservers = [ "9.9.9.9" ];
}
