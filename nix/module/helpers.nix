# The controller and its three shorthands on PATH, with the service's configuration.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.runner-controller;
  tools = import ./tools.nix { inherit config lib pkgs; };

  wrap =
    name:
    pkgs.writeShellScriptBin name ''
      export RUNNER_CONTROLLER_CONFIG="''${RUNNER_CONTROLLER_CONFIG:-${cfg.configFile}}"
      export NIX_REMOTE=daemon RUNNER_CONTROLLER_NETWORK=host
      export PATH="${cfg.package}/bin:${lib.makeBinPath tools}:$PATH"
      exec ${cfg.package}/bin/${name} "$@"
    '';
in
{
  config.environment.systemPackages = lib.mkIf cfg.enable (
    map wrap [
      "runner-controller"
      "runner-status"
      "cleanup-github-runners"
      "cleanup-all-containers"
    ]
  );
}
