{ lib, pkgs, ... }:
let
  inherit (lib) literalExpression mkOption types;
in
{
  options.ci-runner = {
    class = mkOption {
      type = types.str;
      default = "default";
      description = "Name of the runner class, for people who look inside.";
    };

    package = mkOption {
      type = types.package;
      default = pkgs.github-runner;
      defaultText = literalExpression "pkgs.github-runner";
      description = "GitHub's runner, before the Node shim.";
    };

    user = mkOption {
      type = types.str;
      default = "runner";
      description = "Name of the job's user.";
    };

    uid = mkOption {
      type = types.int;
      default = 47000;
      description = "User and group id of the job; unused on the host, whose Nix daemon sees it.";
    };

    nameservers = mkOption {
      type = types.listOf types.str;
      default = [
        "1.1.1.1"
        "9.9.9.9"
      ];
      description = "Resolvers.";
    };

    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = literalExpression "[ pkgs.go pkgs.gh ]";
      description = "More programs on the job's PATH.";
    };

    libraries = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "More libraries for programs that were not built by Nix.";
    };

    environment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        CI_CACHE = "http://192.168.1.10:5000";
      };
      description = "More environment variables for the runner and its jobs.";
    };

    docker = mkOption {
      type = types.bool;
      default = false;
      description = "A Docker daemon that jobs may use.";
    };

    nspawnFlags = mkOption {
      type = types.listOf (types.strMatching "--[^ \"'\\$%]+");
      default = [ ];
      example = [ "--bind-ro=/srv/cache" ];
      description = "More flags for systemd-nspawn that the containers of this system need, one word each.";
    };

    userNamespace = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the container has a user namespace, so that its root is not the host's.";
    };
  };
}
