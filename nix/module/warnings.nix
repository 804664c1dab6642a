# What works but will surprise somebody.
{ config, lib, ... }:
let
  inherit (lib)
    attrNames
    concatMap
    concatStringsSep
    filter
    optional
    ;
  helpers = import ./lib.nix { inherit lib; };
  cfg = config.services.runner-controller;
  option = "services.runner-controller";

  # GitHub refuses to register older runners (community discussion 194762).
  runnerFloor = "2.329.0";
  runnerVersion = lib.getVersion cfg.container.runnerPackage;

  names = attrNames cfg.classes;
  labels = name: helpers.normalLabels cfg.classes.${name}.labels;
  overlaps = concatMap (
    wide:
    map (narrow: "${wide} covers ${narrow}") (
      filter (
        narrow:
        wide != narrow && labels wide != labels narrow && helpers.covers (labels wide) (labels narrow)
      ) names
    )
  ) names;

  worst = helpers.worstMemory cfg.maxConcurrent cfg.classes;
  allowedUsers = config.nix.settings.allowed-users or [ "*" ];
  unsafe = filter (
    name:
    cfg.classes.${name}.docker.enable && !helpers.rootIsMapped cfg.classes.${name}.privateUsers
  ) names;
in
{
  config.warnings = lib.mkIf cfg.enable (
    optional (overlaps != [ ])
      "${option}.classes: ${concatStringsSep "; " overlaps}. GitHub gives a job to any idle runner that has its labels, so jobs of the narrower class may run in containers of the wider one. Give each class a label of its own."
    ++
      optional (cfg.host.memory != null && worst != null && worst > helpers.bytes cfg.host.memory)
        "${option}: ${toString cfg.maxConcurrent} containers may use ${toString worst} bytes together, and this host has ${toString cfg.host.memory}. Lower maxConcurrent or limits.memoryMax, or set slice.memoryMax."
    ++
      optional (runnerVersion != "" && lib.versionOlder runnerVersion runnerFloor)
        "${option}.container.runnerPackage: version ${runnerVersion} is older than ${runnerFloor}; GitHub refuses to register it. Update nixpkgs."
    ++
      optional config.nix.gc.automatic
        "nix.gc.automatic: what a job has just built is not protected from the host's garbage collection while ${option} runs it. Collect when nothing runs, after `runner-controller drain --wait`."
    ++
      optional (!cfg.network.isolate)
        "${option}.network.isolate = false: jobs reach each other, this host, its network and metadata services."
    ++
      optional (unsafe != [ ])
        "${option}.classes: Docker without a user namespace in ${concatStringsSep ", " unsafe}: every job there can become root of this host."
    ++
      optional (config.virtualisation.docker.enable && config.networking.nftables.enable)
        "virtualisation.docker.enable: Docker closes the forwarding of other interfaces, so the containers of ${option} may have no network under nftables. Set virtualisation.docker.daemon.settings.iptables = false, or use the iptables back end."
    ++
      optional (!lib.elem "*" allowedUsers)
        "nix.settings.allowed-users: jobs of ${option} run as user ${toString cfg.container.uid}, which may not use the Nix daemon; nix commands of jobs will fail."
  );
}
