# What the container template sets of NixOS, as strict as host.nix.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  any = default: type: mkOption { inherit default type; };
  flag = any false types.bool;
  on = any true types.bool;
  units = import ./units.nix { inherit lib; };
in
{
  options = {
    nixpkgs.pkgs = mkOption { type = types.unspecified; };
    boot.isContainer = flag;
    boot.isNspawnContainer = flag;
    documentation.enable = on;
    environment.systemPackages = any [ ] (types.listOf types.package);
    environment.etc = any { } (
      types.attrsOf (types.submodule { options.text = any null (types.nullOr types.lines); })
    );
    fonts.fontconfig.enable = on;
    networking = {
      hostName = any "nixos" types.str;
      useDHCP = on;
      firewall.enable = on;
      useHostResolvConf = flag;
      resolvconf.enable = on;
    };
    nix.settings = any { } (types.attrsOf types.anything);
    programs.nix-ld.enable = flag;
    programs.nix-ld.libraries = any [ ] (types.listOf types.package);
    security.sudo.enable = on;
    security.polkit.enable = flag;
    services.journald.storage = any "persistent" (types.enum [ "persistent" "volatile" "auto" "none" ]);
    services.logrotate.enable = on;
    services.nscd.enable = on;
    system.build = any { } (types.lazyAttrsOf types.unspecified);
    system.nssModules = any [ ] (types.listOf types.path);
    system.stateVersion = mkOption { type = types.str; };
    systemd = {
      inherit (units) services;
      suppressedSystemUnits = any [ ] (types.listOf types.str);
      oomd.enable = on;
      coredump.enable = on;
      tmpfiles.rules = any [ ] (types.listOf types.str);
    };
    users.mutableUsers = on;
    users.allowNoPasswordLogin = flag;
    users.users = any { } (
      types.attrsOf (
        types.submodule {
          options = {
            uid = any null (types.nullOr types.int);
            group = any "" types.str;
            home = any "/var/empty" types.path;
            createHome = flag;
            isNormalUser = flag;
            extraGroups = any [ ] (types.listOf types.str);
          };
        }
      )
    );
    users.groups = any { docker.gid = 131; } (
      types.attrsOf (types.submodule { options.gid = any null (types.nullOr types.int); })
    );
    virtualisation.docker = {
      enable = flag;
      enableOnBoot = on;
      daemon.settings = any { } (types.attrsOf types.anything);
    };
    xdg.mime.enable = on;
    xdg.icons.enable = on;
    xdg.sounds.enable = on;
  };
  config = {
    _module.args.pkgs = config.nixpkgs.pkgs;
    networking.useHostResolvConf = true;
    system.nssModules = [ "/nix/store/00000000000000000000000000000000-nss" ];
    users.groups.docker.gid = 131;
    system.build.toplevel = config.nixpkgs.pkgs.fake "nixos-system-${config.networking.hostName}" // {
      inherit config;
    };
  };
}
