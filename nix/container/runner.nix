# The runner's unit: one job, then the container is gone.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.ci-runner;
  home = "/home/${cfg.user}";
  runner = pkgs.callPackage ./runner-package.nix { github-runner = cfg.package; };

  # What the job's processes get, by name: everything else that root's half of the script knows is dropped.
  jobEnvironment = {
    HOME = home;
    USER = cfg.user;
    LOGNAME = cfg.user;
    LANG = "C.UTF-8";
    RUNNER_ROOT = "${home}/actions-runner";
    RUNNER_TOOL_CACHE = "${home}/tool-cache";
    RUNNER_SIGNALS = "/run/runner-signals";
    ACTIONS_RUNNER_HOOK_JOB_STARTED = "${./hooks}/started.sh";
    ACTIONS_RUNNER_HOOK_JOB_COMPLETED = "${./hooks}/completed.sh";
    # Exit 7 instead of 1 where GitHub refuses this version.
    ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE = "1";
    # Jobs build through the host's daemon, which knows them by uid only.
    NIX_REMOTE = "daemon";
    SSL_CERT_FILE = "/etc/ssl/certs/ca-certificates.crt";
    NIX_SSL_CERT_FILE = "/etc/ssl/certs/ca-certificates.crt";
  }
  // lib.optionalAttrs config.programs.nix-ld.enable {
    # Login shells get these two from the module; a unit does not.
    NIX_LD = "/run/current-system/sw/share/nix-ld/lib/ld.so";
    NIX_LD_LIBRARY_PATH = "/run/current-system/sw/share/nix-ld/lib";
  }
  // cfg.environment;
in
{
  users.users.${cfg.user} = {
    isNormalUser = true;
    uid = cfg.uid;
    group = cfg.user;
    inherit home;
    createHome = true;
  };
  users.groups.${cfg.user}.gid = cfg.uid;

  systemd.services.runner = {
    description = "GitHub Actions runner";
    wantedBy = [ "multi-user.target" ];

    path = [
      "/run/wrappers"
      "/run/current-system/sw"
    ];

    environment = jobEnvironment // {
      RUNNER_LISTENER = "${runner}/bin/Runner.Listener";
      RUNNER_UID = toString cfg.uid;
      RUNNER_GID = toString cfg.uid;
      RUNNER_KEEP = lib.concatStringsSep " " (lib.attrNames jobEnvironment ++ [ "PATH" ]);
    }
    // lib.optionalAttrs cfg.docker { RUNNER_GROUPS = toString config.users.groups.docker.gid; }
    // lib.optionalAttrs cfg.userNamespace { RUNNER_SETUID_ALLOWED = "1"; };

    # Over in any way: off. The controller learns it from the container's unit; a second run would be on the first
    # one's leavings.
    unitConfig = {
      SuccessAction = "poweroff-force";
      FailureAction = "poweroff-force";
    };

    serviceConfig = {
      # Not notify, not oneshot: the host's end of the network comes up only after this container says that it is ready,
      # so nothing of its boot may wait for the network. The script does, as the unit's main process.
      Type = "exec";
      ExecStart = "${pkgs.runtimeShell} ${./runner.sh}";
      # Handed in by the host; without it (a second boot, a start by hand) the unit fails.
      LoadCredential = "runner-registration";
      WorkingDirectory = "/";
      Restart = "no";
      KillSignal = "SIGINT";
      TimeoutStopSec = 30;
      # To the container's console, and so to the host's journal under the container's unit.
      StandardOutput = "journal+console";
      StandardError = "inherit";
    };
  };

  # For the controller, which reads it from outside as SYSTEM/etc/ci-runner.json.
  environment.etc."ci-runner.json".text = builtins.toJSON {
    version = 1;
    inherit (cfg) class uid nspawnFlags;
    runnerVersion = lib.getVersion cfg.package;
  };
}
