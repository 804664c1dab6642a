# What the module reads and sets of a NixOS host: names and types of the 26.05 option list, nothing else exists.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  any = default: type: mkOption { inherit default type; };
  flag = any false types.bool;
  units = import ./units.nix { inherit lib; };
in
{
  options = {
    assertions = any [ ] (types.listOf types.unspecified);
    warnings = any [ ] (types.listOf types.str);
    boot.enableContainers = any (config.containers != { }) types.bool;
    boot.kernel.sysctl = any { } (types.attrsOf (types.oneOf [ types.bool types.int types.str ]));
    containers = any { } (types.attrsOf types.anything);
    environment.systemPackages = any [ ] (types.listOf types.package);
    networking = {
      hostName = any "nixos" types.str;
      nameservers = any [ ] (types.listOf types.str);
      nat.enable = flag;
      nat.internalInterfaces = any [ ] (types.listOf types.str);
      nat.externalInterface = any null (types.nullOr types.str);
      networkmanager.enable = flag;
      networkmanager.unmanaged = any [ ] (types.listOf types.str);
      nftables.enable = flag;
      nftables.tables = any { } (
        types.attrsOf (
          types.submodule {
            options = {
              enable = any true types.bool;
              family = mkOption { type = types.enum [ "ip" "ip6" "inet" "arp" "bridge" "netdev" ]; };
              content = mkOption { type = types.lines; };
            };
          }
        )
      );
      firewall = {
        enable = any true types.bool;
        backend = any (if config.networking.nftables.enable then "nftables" else "iptables") (
          types.enum [ "iptables" "nftables" "firewalld" ]
        );
        trustedInterfaces = any [ ] (types.listOf types.str);
        allowedTCPPorts = any [ ] (types.listOf types.port);
        extraCommands = any "" types.lines;
        extraStopCommands = any "" types.lines;
        extraInputRules = any "" types.lines;
      };
    };
    nix = {
      package = any pkgs.nix types.package;
      gc.automatic = flag;
      settings = any { } (types.attrsOf types.anything);
    };
    system.stateVersion = any "26.05" types.str;
    systemd = {
      package = any pkgs.systemd types.package;
      inherit (units) services slices;
      tmpfiles.rules = any [ ] (types.listOf types.str);
      network.enable = flag;
      network.networks = any { } (
        types.attrsOf (
          types.submodule {
            options = {
              matchConfig = any { } (types.attrsOf types.str);
              linkConfig = any { } (types.attrsOf (types.either types.bool types.str));
            };
          }
        )
      );
    };
    users.users = any { } (
      types.attrsOf (
        types.submodule {
          options = {
            uid = any null (types.nullOr types.int);
            isNormalUser = flag;
            extraGroups = any [ ] (types.listOf types.str);
          };
        }
      )
    );
    users.groups = any { } (
      types.attrsOf (types.submodule { options.gid = any null (types.nullOr types.int); })
    );
    virtualisation.docker.enable = flag;
  };

  # NixOS sets it so; the module's own value must neither collide with it nor lose to it.
  config.boot.kernel.sysctl."fs.inotify.max_user_instances" = lib.mkDefault 128;
}
