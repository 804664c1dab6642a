# Runner classes: a label set, a container system, limits and a maximum each.
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

  evalContainer = import ../container/eval.nix { inherit lib pkgs; };

  defaultLabels = [
    "self-hosted"
    "ci"
    "nix"
    (if pkgs.stdenv.hostPlatform.isAarch64 then "ARM64" else "x64")
    "Linux"
  ];

  classModule =
    { name, config, ... }:
    {
      options = {
        order = mkOption {
          type = types.int;
          default = 1000;
          description = "A job counts for the first class that covers its labels: lower numbers come first, then names.";
        };

        labels = mkOption {
          type = types.nonEmptyListOf mine.label;
          default = cfg.labels;
          defaultText = literalExpression "config.services.runner-controller.labels";
          example = [
            "self-hosted"
            "gpu"
          ];
          description = "Labels of the runners; a job must ask for a non-empty subset. Case does not matter.";
        };

        max = mkOption {
          type = types.ints.between 1 100;
          default = cfg.maxConcurrent;
          defaultText = literalExpression "config.services.runner-controller.maxConcurrent";
          description = "Containers of this class at once.";
        };

        jobTimeout = mkOption {
          type = mine.seconds;
          default = cfg.jobTimeout;
          defaultText = literalExpression "config.services.runner-controller.jobTimeout";
          description = "Seconds that a runner of this class may be busy with one job.";
        };

        limits = mkOption {
          type = mine.limits;
          default = cfg.limits;
          defaultText = literalExpression "config.services.runner-controller.limits";
          description = "What one container of this class may use.";
        };

        privateUsers = mkOption {
          type = types.either types.bool (
            types.strMatching "pick|identity|[1-9][0-9]{0,9}(:[1-9][0-9]{0,9})?"
          );
          default = false;
          example = true;
          description = ''
            A user namespace for each container: root inside is nobody outside. `true` lets systemd pick the range, text is
            handed to `systemd-nspawn --private-users=` (`identity` maps root to root and protects nothing). Needs a file system with idmapped mounts below `/nix/store` and
            `/var/lib/nixos-containers` (not overlayfs).
          '';
        };

        docker = {
          enable = lib.mkEnableOption "a Docker daemon in every container of this class";
          unsafe = mkOption {
            type = types.bool;
            default = false;
            description = "Allow Docker without `privateUsers`. Every job of the class can then become root of the host.";
          };
        };

        container = {
          modules = mkOption {
            type = types.listOf types.deferredModule;
            default = [ ];
            example = literalExpression "[ ({ pkgs, ... }: { ci-runner.packages = [ pkgs.go ]; }) ]";
            description = "NixOS modules for the containers of this class, after those of `container.modules`.";
          };

          system = mkOption {
            type = types.path;
            default = evalContainer {
              class = name;
              inherit (config) docker privateUsers;
              inherit (cfg.container) uid runnerPackage;
              inherit (cfg.network) nameservers;
              modules = cfg.container.modules ++ config.container.modules;
              inherit (cfg.container) stateVersion;
            };
            defaultText = literalExpression "the NixOS system made of the template and the modules";
            description = "Container system, evaluated once with the host. Set it to bring one of your own.";
          };
        };
      };
    };
in
{
  options.services.runner-controller = {
    labels = mkOption {
      type = types.nonEmptyListOf mine.label;
      default = defaultLabels;
      defaultText = literalExpression ''[ "self-hosted" "ci" "nix" "x64" "Linux" ]'';
      description = "Labels of the runners, where a class does not set its own.";
    };

    limits = mkOption {
      type = mine.limits;
      default = { };
      description = "What one container may use, where a class does not set its own.";
    };

    classes = mkOption {
      type = types.attrsOf (types.submodule classModule);
      default.default = { };
      example = literalExpression ''
        {
          default = { };
          docker = { labels = [ "self-hosted" "docker" ]; max = 2; privateUsers = true; docker.enable = true; };
        }
      '';
      description = "Kinds of runners. Without any there is one, `default`, made of the options above.";
    };

    container = {
      modules = mkOption {
        type = types.listOf types.deferredModule;
        default = [ ];
        example = literalExpression "[ ({ pkgs, ... }: { ci-runner.packages = [ pkgs.gh ]; }) ]";
        description = "NixOS modules for the containers of every class.";
      };

      runnerPackage = mkOption {
        type = types.package;
        default = pkgs.github-runner;
        defaultText = literalExpression "pkgs.github-runner";
        description = "GitHub's runner. It cannot update itself, and GitHub refuses old ones: keep nixpkgs fresh.";
      };

      uid = mkOption {
        type = types.ints.between 1000 59999;
        default = 47000;
        description = ''
          User and group id of jobs. The host's Nix daemon knows a job by this number alone, so no user or group of the host
          may have it.
        '';
      };

      stateVersion = mkOption {
        type = types.str;
        default = config.system.stateVersion;
        defaultText = literalExpression "config.system.stateVersion";
        description = "`system.stateVersion` of the containers.";
      };
    };
  };
}
