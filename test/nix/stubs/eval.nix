# A host configuration -> what an operator would find on the host. `configuration` is any NixOS module.
{
  lib,
  configuration,
  system ? "x86_64-linux",
}:
let
  pkgs = import ./pkgs.nix { inherit lib system; };
  eval = lib.evalModules {
    modules = [
      ./host.nix
      ../../../nix/module.nix
      { _module.args.pkgs = pkgs; }
      configuration
    ];
  };
  inherit (eval) config;
  unit = config.systemd.services.runner-controller;
  text = builtins.unsafeDiscardStringContext;
in
{
  assertions = map (check: check.message) (lib.filter (check: !check.assertion) config.assertions);
  inherit (config) warnings;
  touched = {
    commands = lib.length config.environment.systemPackages;
    inherit (config.boot) enableContainers;
    inotify = config.boot.kernel.sysctl."fs.inotify.max_user_instances";
    nat = config.networking.nat.enable;
    rules = with config.networking.firewall; extraCommands + extraStopCommands + extraInputRules;
    services = lib.attrNames config.systemd.services;
    slices = lib.attrNames config.systemd.slices;
    tables = lib.attrNames config.networking.nftables.tables;
    tmpfiles = config.systemd.tmpfiles.rules;
  };
}
// lib.optionalAttrs config.services.runner-controller.enable {
  settings = builtins.fromJSON (text config.services.runner-controller.configFile.text);
  unit = {
    inherit (unit)
      after
      description
      stopIfChanged
      restartIfChanged
      wantedBy
      wants
      ;
    environment = lib.mapAttrs (_: value: text (toString value)) unit.environment;
    path = map (package: package.name or package) unit.path;
    service = lib.mapAttrs (_: value: if builtins.isString value then text value else value) unit.serviceConfig;
    start.StartLimitIntervalSec = unit.startLimitIntervalSec;
  };
  slice = config.systemd.slices.runner-jobs.sliceConfig;
  tmpfiles = config.systemd.tmpfiles.rules;
  inherit (config.boot) enableContainers;
  inotify = config.boot.kernel.sysctl."fs.inotify.max_user_instances";
  nat = config.networking.nat.internalInterfaces;
  nftables = lib.mapAttrs (_: table: table.content) config.networking.nftables.tables;
  inputRules = config.networking.firewall.extraInputRules;
  iptables = config.networking.firewall.extraCommands;
  iptablesStop = config.networking.firewall.extraStopCommands;
  unmanaged = config.networking.networkmanager.unmanaged;
  networkd = lib.mapAttrs (_: network: network.linkConfig) config.systemd.network.networks;
  commands = lib.listToAttrs (
    map (package: lib.nameValuePair package.name (text package.text)) config.environment.systemPackages
  );
}
