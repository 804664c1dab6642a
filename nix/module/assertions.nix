# What others find out at run time. Each message names the option, what is wrong, and what to write instead.
{ config, lib, ... }:
let
  inherit (lib)
        attrNames
    attrValues
    concatMap
    concatStringsSep
    filter
    filterAttrs
    length
    mapAttrsToList
    optional
    ;
  helpers = import ./lib.nix { inherit lib; };
  cfg = config.services.runner-controller;
  option = "services.runner-controller";
  nftables = config.networking.nftables.enable;

  check = assertion: message: { inherit assertion message; };
  eachClass = f: lib.flatten (mapAttrsToList f cfg.classes);

  scopes =
    optional (cfg.repo != null) "repo"
    ++ optional (cfg.org != null) "org"
    ++ optional (cfg.scopes != [ ]) "scopes";
  app = filter (value: value != null) (attrValues cfg.app);
  secrets = filterAttrs (_: path: path != null) {
    "${option}.tokenFile" = cfg.tokenFile;
    "${option}.app.privateKeyFile" = cfg.app.privateKeyFile;
  };

  # Pairs of classes with the very same labels: GitHub could give the jobs of one to runners of the other.
  names = attrNames cfg.classes;
  twins = concatMap (
    a:
    map (b: "${a} and ${b}") (
      filter (
        b:
        a < b
        && helpers.normalLabels cfg.classes.${a}.labels == helpers.normalLabels cfg.classes.${b}.labels
      ) names
    )
  ) names;

  # A pattern of somebody's that means our interfaces in the other back end's spelling.
  foreignWildcards = filter (
    pattern:
    helpers.matchesJobs pattern && lib.hasSuffix (if nftables then "+" else "*") pattern
  ) config.networking.nat.internalInterfaces;

  trusting = filter helpers.matchesJobs config.networking.firewall.trustedInterfaces;

  takenUsers = attrNames (filterAttrs (_: user: user.uid == cfg.container.uid) config.users.users);
  takenGroups = attrNames (filterAttrs (_: group: group.gid == cfg.container.uid) config.users.groups);
  trusted = filter (
    name: name == "*" || name == toString cfg.container.uid || name == "@${toString cfg.container.uid}"
  ) (config.nix.settings.trusted-users or [ ]);

  named = filter (name: lib.hasPrefix "j" name) (attrNames config.containers);

  global = [
    (check (length scopes == 1)
      "${option}: exactly one of repo, org and scopes is needed, ${
        if scopes == [ ] then "none is set" else "these are set: ${concatStringsSep ", " scopes}"
      }."
    )
    (check ((cfg.tokenFile != null) != (app != [ ]))
      "${option}: exactly one of tokenFile and app is needed to sign in at GitHub."
    )
    (check (app == [ ] || length app == 3)
      "${option}.app: id, installationId and privateKeyFile are needed together."
    )
    (check (
      twins == [ ]
    ) "${option}.classes: ${concatStringsSep "; " twins} have the same labels; GitHub could not tell their runners apart.")
    (check (helpers.countSubnets cfg.subnets >= cfg.maxConcurrent)
      "${option}.maxConcurrent: ${toString cfg.maxConcurrent} containers need as many subnets, but ${option}.subnets = \"${cfg.subnets}\" has ${toString (helpers.countSubnets cfg.subnets)}."
    )
    (check (lib.all (range: range.from <= range.to && range.to <= 255) (
      helpers.subnetRanges cfg.subnets
    )) "${option}.subnets: \"${cfg.subnets}\" names a network that does not exist; write 192.168.A-B with A <= B <= 255.")
    (check (cfg.engine != "nspawn" || cfg.nspawnRootfs != null)
      "${option}.nspawnRootfs: engine = \"nspawn\" needs an OS tree to boot."
    )
    (check (trusting == [ ])
      "networking.firewall.trustedInterfaces: ${concatStringsSep ", " trusting} covers the job containers of ${option}; jobs would reach every service of this host. Name the interfaces that are meant."
    )
    (check (foreignWildcards == [ ])
      "networking.nat.internalInterfaces: ${concatStringsSep ", " foreignWildcards} matches nothing with the ${
        if nftables then "nftables back end; write ve-*" else "iptables back end; write ve-+"
      } (${option} adds its own interfaces itself)."
    )
    (check (!cfg.network.isolate || nftables || config.networking.firewall.enable)
      "${option}.network.isolate needs networking.firewall.enable or networking.nftables.enable; without either nothing keeps jobs from the host's network."
    )
    (check (config.networking.firewall.backend or "iptables" != "firewalld")
      "${option}.network: the firewalld back end is not supported; use nftables or iptables."
    )
    (check (takenUsers == [ ] && takenGroups == [ ])
      "${option}.container.uid: ${toString cfg.container.uid} belongs to ${concatStringsSep ", " (takenUsers ++ takenGroups)} on this host; jobs would act as that account at the Nix daemon. Choose a free number."
    )
    (check (trusted == [ ])
      "nix.settings.trusted-users: ${concatStringsSep ", " trusted} covers the jobs of ${option}; a trusted user of the Nix daemon can become root of this host."
    )
    (check (named == [ ])
      "containers.${lib.head (named ++ [ "" ])}: names that begin with j belong to job containers; ${option} would cut this one off. Choose another name."
    )
  ];

  stored = mapAttrsToList (
    name: path:
    check (!helpers.inStore path)
      "${name}: ${toString path} is in the Nix store, where everybody can read it. Write the path of a file outside, in quotes."
  ) secrets;

  perClass = eachClass (
    name: class:
    let
      here = "${option}.classes.${name}";
      memoryMax = class.limits.memoryMax;
      memoryHigh = class.limits.memoryHigh;
    in
    [
      (check (builtins.match "[A-Za-z0-9][A-Za-z0-9_-]{0,31}" name != null)
        "${here}: a class name has up to 32 letters, digits, dashes and underscores."
      )
      (check (!class.docker.enable || helpers.rootIsMapped class.privateUsers || class.docker.unsafe)
        "${here}.docker: Docker without a user namespace lets every job become root of this host. Set privateUsers = true, or docker.unsafe = true if that is meant."
      )
      (check (memoryMax == null || memoryHigh == null || helpers.bytes memoryHigh <= helpers.bytes memoryMax)
        "${here}.limits.memoryHigh is above memoryMax, so it never acts."
      )
      (check (
        memoryMax == null || cfg.host.memory == null || helpers.bytes memoryMax <= helpers.bytes cfg.host.memory
      ) "${here}.limits.memoryMax: ${toString memoryMax} is more than this host has (${toString cfg.host.memory}).")
      (check (
        class.limits.cpuPercent == null
        || cfg.host.cpus == null
        || class.limits.cpuPercent <= cfg.host.cpus * 100
      ) "${here}.limits.cpuPercent: ${toString class.limits.cpuPercent} is more than ${toString cfg.host.cpus} cores have.")
      (check (class.max <= cfg.maxConcurrent)
        "${here}.max: ${toString class.max} is more than ${option}.maxConcurrent = ${toString cfg.maxConcurrent}."
      )
    ]
  );

  slice = [
    (check (
      cfg.slice.memoryMax == null
      || cfg.host.memory == null
      || helpers.bytes cfg.slice.memoryMax <= helpers.bytes cfg.host.memory
    ) "${option}.slice.memoryMax: ${toString cfg.slice.memoryMax} is more than this host has (${toString cfg.host.memory}).")
    (check (
      cfg.slice.cpuPercent == null
      || cfg.host.cpus == null
      || cfg.slice.cpuPercent <= cfg.host.cpus * 100
    ) "${option}.slice.cpuPercent: ${toString cfg.slice.cpuPercent} is more than ${toString cfg.host.cpus} cores have.")
  ];
in
{
  config.assertions = lib.mkIf cfg.enable (global ++ stored ++ perClass ++ slice);
}
