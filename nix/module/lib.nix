# Pure helpers of the module: sizes, subnets, labels, interface patterns.
{ lib }:
let
  inherit (lib)
    concatMap
    elemAt
    hasPrefix
    hasSuffix
    length
    mapAttrsToList
    min
    removeSuffix
    sort
    splitString
    subtractLists
    toInt
    toLower
    unique
    ;

  units = {
    K = 1024;
    M = 1024 * 1024;
    G = 1024 * 1024 * 1024;
    T = 1024 * 1024 * 1024 * 1024;
  };
in
rec {
  # "4G" or a number of bytes -> bytes
  bytes =
    size:
    if builtins.isInt size then
      size
    else
      let
        parts = builtins.match "([0-9]+)([KMGT])" size;
      in
      toInt (elemAt parts 0) * units.${elemAt parts 1};

  # "192.168.100-199,192.168.7" -> [ { from = 100; to = 199; } { from = 7; to = 7; } ]
  subnetRanges =
    text:
    map (
      part:
      let
        m = builtins.match "192\\.168\\.([0-9]+)(-([0-9]+))?" part;
        from = toInt (elemAt m 0);
      in
      {
        inherit from;
        to = if elemAt m 2 == null then from else toInt (elemAt m 2);
      }
    ) (splitString "," text);

  # How many different /24s a list of subnets names.
  countSubnets =
    text:
    length (
      unique (
        concatMap (range: lib.optionals (range.from <= range.to) (lib.range range.from range.to)) (
          subnetRanges text
        )
      )
    );

  # GitHub compares labels without case.
  normalLabels = labels: sort (a: b: a < b) (unique (map toLower labels));
  covers = wide: narrow: subtractLists (normalLabels wide) (normalLabels narrow) == [ ];

  # Interface names that firewalls match: `+` ends a wildcard of iptables, `*` one of nftables.
  isWildcard = pattern: hasSuffix "+" pattern || hasSuffix "*" pattern;
  stem = pattern: removeSuffix "+" (removeSuffix "*" pattern);
  jobInterfaceStem = "ve-j";
  matchesJobs =
    pattern:
    if isWildcard pattern then
      hasPrefix (stem pattern) jobInterfaceStem || hasPrefix jobInterfaceStem (stem pattern)
    else
      builtins.match "ve-j[0-9]{1,7}[a-z]?" pattern != null;

  # Whether root of the container is somebody else on the host.
  rootIsMapped = privateUsers: privateUsers != false && privateUsers != "identity";

  inStore = path: hasPrefix "${builtins.storeDir}/" (toString path);

  # Memory that all containers together may take if the hungriest classes fill the host; null when one is unlimited.
  worstMemory =
    slots: classes:
    let
      hungriestFirst = sort (a: b: a.memory > b.memory) (
        mapAttrsToList (_: class: {
          inherit (class) max;
          memory = bytes class.limits.memoryMax;
        }) classes
      );
      fill =
        state: class:
        let
          taken = min state.slots class.max;
        in
        {
          slots = state.slots - taken;
          memory = state.memory + taken * class.memory;
        };
    in
    if lib.any (class: class.limits.memoryMax == null) (lib.attrValues classes) then
      null
    else
      (lib.foldl' fill {
        inherit slots;
        memory = 0;
      } hungriestFirst).memory;
}
