{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) literalExpression mkOption types;
  mine = import ./types.nix { inherit lib; };
  cfg = config.services.runner-controller;
  number = "(0|[1-9][0-9]{0,2})";
  range = "192\\.168\\.${number}(-${number})?";
in
{
  options.services.runner-controller = {
    enable = lib.mkEnableOption "a fresh container for every queued GitHub Actions job";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ../package.nix { };
      defaultText = literalExpression "pkgs.callPackage ./nix/package.nix { }";
      description = "The controller.";
    };

    maxConcurrent = mkOption {
      type = types.ints.between 1 100;
      default = 7;
      description = "Containers at once, over all classes.";
    };

    pollInterval = mkOption {
      type = types.ints.between 1 3600;
      default = 10;
      description = "Seconds between two polls of GitHub.";
    };

    jobTimeout = mkOption {
      type = mine.seconds;
      default = 7200;
      description = "Seconds that a runner may be busy with one job.";
    };

    runnerStartupTimeout = mkOption {
      type = mine.seconds;
      default = 300;
      description = "Seconds from the start of a container until its runner must be online.";
    };

    runnerIdleTimeout = mkOption {
      type = mine.seconds;
      default = 300;
      description = "Seconds that an online runner may wait for a job.";
    };

    runnerGroup = mkOption {
      type = types.nonEmptyStr;
      default = "Default";
      description = "Runner group, for organisations.";
    };

    runnerNamePrefix = mkOption {
      type = types.strMatching "[A-Za-z0-9-]{1,40}";
      default = lib.substring 0 40 config.networking.hostName;
      defaultText = literalExpression "config.networking.hostName";
      description = "First part of every runner's name on GitHub.";
    };

    registration = mkOption {
      type = types.enum [
        "jit"
        "token"
      ];
      default = "jit";
      description = ''
        How a runner is registered: with a just-in-time configuration that is good for one job, or with a registration
        token that a root process in the container uses up before the runner starts.
      '';
    };

    engine = mkOption {
      type = types.enum [
        "nixos-container"
        "nspawn"
      ];
      default = "nixos-container";
      description = "What makes the containers. `nspawn` boots `nspawnRootfs` instead of a NixOS system.";
    };

    nspawnRootfs = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/srv/runner-tree";
      description = "OS tree for `engine = \"nspawn\"`; it is never written to.";
    };

    subnets = mkOption {
      type = types.strMatching "${range}(,${range})*";
      default = "192.168.100-199";
      example = "192.168.40-59,192.168.70";
      description = "The /24 networks that containers are numbered from, one each: host side `.1`, container `.2`.";
    };

    minFreeDisk = mkOption {
      type = mine.size;
      default = "2G";
      description = "Space that must be free where containers live before another one is made.";
    };

    http = {
      host = mkOption {
        type = types.nonEmptyStr;
        default = "127.0.0.1";
        description = "Address of the read-only status API.";
      };
      port = mkOption {
        type = types.port;
        default = 8080;
        description = "Port of the read-only status API.";
      };
    };

    logLevel = mkOption {
      type = types.enum [
        "fatal"
        "error"
        "warn"
        "info"
        "debug"
        "trace"
        "silent"
      ];
      default = "info";
      description = "What is worth a line in the journal.";
    };

    slice = {
      memoryMax = mkOption {
        type = types.nullOr mine.size;
        default = null;
        example = "24G";
        description = "Memory that all job containers together may use. `null` is unlimited.";
      };
      cpuPercent = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 1200;
        description = "CPU time that all job containers together may use, 100 is one whole core. `null` is unlimited.";
      };
    };

    host = {
      memory = mkOption {
        type = types.nullOr mine.size;
        default = null;
        example = "64G";
        description = "Memory of this host. When it is known, limits that cannot hold are refused at evaluation.";
      };
      cpus = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 16;
        description = "Cores of this host. When they are known, limits that cannot hold are refused at evaluation.";
      };
    };

    settings = mkOption {
      type = types.attrsOf types.anything;
      default = { };
      example = {
        logFormat = "pretty";
      };
      description = ''
        Keys of the controller's JSON configuration, put over those that the other options make: for what has no option yet.
        The file is readable by everybody; secrets are given by path only.
      '';
    };

    extraEnvironment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        HTTPS_PROXY = "http://proxy.example.com:3128";
      };
      description = "More environment variables for the controller's unit. A variable of the controller wins over the option.";
    };

    configFile = mkOption {
      type = types.package;
      internal = true;
      readOnly = true;
      description = "The rendered configuration.";
      default = pkgs.writeText "runner-controller.json" (builtins.toJSON cfg.settings);
    };
  };
}
