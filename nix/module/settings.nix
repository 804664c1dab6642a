# The options as the controller's JSON configuration (its keys are the environment variables in camelCase).
{ config, lib, ... }:
let
  inherit (lib)
    filterAttrs
    mapAttrsToList
    mkDefault
    optional
    optionalAttrs
    sort
    ;
  helpers = import ./lib.nix { inherit lib; };
  cfg = config.services.runner-controller;

  present = filterAttrs (_: value: value != null);
  bytes = size: if size == null then null else helpers.bytes size;

  ordered = sort (a: b: if a.order == b.order then a.name < b.name else a.order < b.order) (
    mapAttrsToList (name: class: class // { inherit name; }) cfg.classes
  );

  renderClass =
    class:
    {
      inherit (class)
        name
        labels
        max
        jobTimeout
        privateUsers
        ;
      limits = present {
        inherit (class.limits) cpuPercent tasksMax ioWeight;
        memoryMaxBytes = bytes class.limits.memoryMax;
        memoryHighBytes = bytes class.limits.memoryHigh;
      };
    }
    // optionalAttrs (cfg.engine == "nixos-container") {
      containerSystem = "${class.container.system}";
    };

  rendered = present {
    scopes =
      optional (cfg.repo != null) { inherit (cfg) repo; }
      ++ optional (cfg.org != null) { inherit (cfg) org; }
      ++ cfg.scopes;
    githubTokenFile = cfg.tokenFile;
    githubAppId = if cfg.app.id == null then null else toString cfg.app.id;
    githubAppInstallationId = cfg.app.installationId;
    githubAppPrivateKeyFile = cfg.app.privateKeyFile;
    githubApiUrl = cfg.apiUrl;

    inherit (cfg)
      maxConcurrent
      pollInterval
      jobTimeout
      runnerStartupTimeout
      runnerIdleTimeout
      runnerGroup
      runnerNamePrefix
      registration
      engine
      subnets
      logLevel
      ;
    nspawnRootfs = cfg.nspawnRootfs;
    # The one that was built with the same directories as the host's container@.service.
    nixosContainerBin =
      if cfg.engine == "nixos-container" then "/run/current-system/sw/bin/nixos-container" else null;
    minFreeDisk = helpers.bytes cfg.minFreeDisk;
    httpHost = cfg.http.host;
    httpPort = cfg.http.port;
    logFormat = "json";
    stateDir = "/var/lib/runner-controller";
    runtimeDir = "/run/runner-controller";
    classes = map renderClass ordered;
  };
in
{
  config.services.runner-controller.settings = lib.mkIf cfg.enable (
    lib.mapAttrs (_: mkDefault) rendered
  );
}
