# The controller's unit. It runs as root, because containers are made by root only; the sandbox takes back what it
# does not need.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.runner-controller;
  prefix = lib.optionalString (lib.versionAtLeast config.system.stateVersion "22.05") "nixos-";

  nspawn = cfg.engine == "nspawn";

  secrets = lib.filter (path: path != null) [
    cfg.tokenFile
    cfg.app.privateKeyFile
  ];
  isBelowHome =
    path:
    lib.any (home: lib.hasPrefix home path) [
      "/home/"
      "/root/"
      "/run/user/"
    ];

  tools = import ./tools.nix { inherit config lib pkgs; };
in
{
  config.systemd.services.runner-controller = lib.mkIf cfg.enable {
    description = "A fresh container for every queued GitHub Actions job";
    wantedBy = [ "multi-user.target" ];
    wants = [ "network-online.target" ];
    # No job before the rules that isolate it are in place.
    after = [
      "network-online.target"
      "systemd-tmpfiles-setup.service"
    ]
    ++ lib.optional config.networking.nftables.enable "nftables.service"
    ++ lib.optional (!config.networking.nftables.enable) "firewall.service";

    path = tools;

    environment = {
      RUNNER_CONTROLLER_CONFIG = "${cfg.configFile}";
      # Profiles are set through the daemon, so that the store needs no remounting and no new namespace.
      NIX_REMOTE = "daemon";
      # NAT and isolation are this module's, with its allow-list; rules of the controller's own would drop what is
      # allowed here.
      RUNNER_CONTROLLER_NETWORK = "host";
      HOME = "/var/lib/runner-controller";
    }
    // cfg.extraEnvironment;

    # Job containers are units of their own: a rebuild restarts the controller under running jobs and it finds them
    # again. With stopIfChanged the old controller would be stopped early in the switch and be away for all of it.
    stopIfChanged = false;

    # A host that cannot reach GitHub at boot, or whose token is late, is to go on trying.
    startLimitIntervalSec = 0;

    serviceConfig = {
      Type = "notify";
      # Node has no datagram sockets; the controller calls systemd-notify, which is another process.
      NotifyAccess = "all";
      WatchdogSec = 180;
      ExecStart = "${lib.getExe cfg.package} run";
      Restart = "always";
      RestartSec = 5;
      # Only the controller is told to stop; it ends its own children (nixos-container) where they can be interrupted.
      KillMode = "mixed";
      TimeoutStopSec = 60;

      StateDirectory = "runner-controller";
      StateDirectoryMode = "0700";
      RuntimeDirectory = "runner-controller";
      RuntimeDirectoryMode = "0700";
      # Containers that are just starting load their credential from there; it must outlive a restart.
      RuntimeDirectoryPreserve = "yes";
      UMask = "0077";

      LimitNOFILE = 65536;
      # The watchdog ends with SIGABRT; a core file would hold the token.
      LimitCORE = 0;
      # Jobs may not starve who bounds them.
      OOMScoreAdjust = -500;

      NoNewPrivileges = true;
      LockPersonality = true;
      PrivateDevices = true;
      PrivateTmp = true;
      ProtectClock = true;
      ProtectControlGroups = true;
      # Secrets below a home directory stay readable; nothing there is ever written.
      ProtectHome = if lib.any isBelowHome secrets then "read-only" else true;
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      RemoveIPC = true;
      # Containers are started by PID 1, not by this process. The nspawn engine enters a container's network to set up
      # its end.
      RestrictNamespaces = if nspawn then "net mnt" else true;
      RestrictRealtime = true;
      RestrictSUIDSGID = true;
      SystemCallArchitectures = "native";

      # The whole file system is read-only but for what nixos-container and the engines write.
      ProtectSystem = "strict";
      ReadWritePaths = [
        "/etc/${prefix}containers"
        "/var/lib/${prefix}containers"
        "/nix/var/nix/profiles"
        "/nix/var/nix/gcroots"
        # nixos-container's own lock
        "/run/lock"
        # Drop-ins of single containers: limits, one boot only.
        "/run/systemd/system"
        # What `systemctl set-property --runtime` left of a container that is gone.
        "-/run/systemd/system.control"
        # systemd makes it for the first container; a path that is missing fails the start without the dash.
        "-/run/systemd/nspawn"
        # Every container leaves a dangling link to its journal.
        "-/var/log/journal"
      ];

      # Off, because V8 writes the code that it runs.
      MemoryDenyWriteExecute = false;

      # Not PrivateNetwork: it talks to GitHub. Netlink is for `ip`, `nft` and Node's list of interfaces.
      RestrictAddressFamilies = [
        "AF_UNIX"
        "AF_INET"
        "AF_INET6"
        "AF_NETLINK"
      ];

      # What is left of root, and for whom:
      CapabilityBoundingSet = [
        "CAP_DAC_OVERRIDE" # a job's files in its root directory and signal directory
        "CAP_DAC_READ_SEARCH"
        "CAP_FOWNER"
        "CAP_CHOWN" # signal directories of user namespaces
        "CAP_LINUX_IMMUTABLE" # chattr -i on a container's /var/empty
        "CAP_SYS_ADMIN" # umount of what a dead container left mounted, overlays of the nspawn engine
        "CAP_KILL" # watching a container's leader
        "CAP_NET_ADMIN" # ip and nft
      ]
      ++ lib.optionals nspawn [
        "CAP_SYS_PTRACE" # opening the network namespace of a container's leader
        "CAP_SYS_CHROOT" # entering it
      ];

      SystemCallFilter = [
        "@system-service"
        # Node allocates memory protection keys and dies when it may not.
        "@pkey"
        # nixos-container destroy unmounts what a container left; the nspawn engine mounts overlays.
        "@mount"
      ];
      SystemCallErrorNumber = "EPERM";
    };
  };
}
