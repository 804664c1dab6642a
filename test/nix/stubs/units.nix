# The unit options of NixOS that this project sets, as strict as NixOS has them: unknown keys and unit names without a
# suffix fail.
{ lib }:
let
  inherit (lib) mkOption types;
  any = default: type: mkOption { inherit default type; };
  unitName = types.strMatching "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)";
  units = any [ ] (types.listOf unitName);
  scalar = types.oneOf [
    types.bool
    types.int
    types.str
    types.path
    types.package
  ];
  section = any { } (types.attrsOf (types.either scalar (types.listOf scalar)));
  text = any "" types.lines;
  common = {
    description = any "" types.singleLineStr;
    documentation = any [ ] (types.listOf types.str);
    enable = any true types.bool;
    after = units;
    before = units;
    wants = units;
    wantedBy = units;
    requires = units;
    requiredBy = units;
    requisite = units;
    partOf = units;
    bindsTo = units;
    conflicts = units;
    unitConfig = section;
    restartTriggers = any [ ] (types.listOf types.unspecified);
  };
in
{
  services = any { } (
    types.attrsOf (
      types.submodule {
        options = common // {
          environment = any { } (types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ])));
          path = any [ ] (types.listOf (types.oneOf [ types.package types.str ]));
          script = text;
          preStart = text;
          postStart = text;
          postStop = text;
          serviceConfig = section;
          restartIfChanged = any true types.bool;
          stopIfChanged = any true types.bool;
          reloadIfChanged = any false types.bool;
          startLimitBurst = any null (types.nullOr types.int);
          startLimitIntervalSec = any null (types.nullOr types.int);
          overrideStrategy = any "asDropinIfExists" (types.enum [ "asDropinIfExists" "asDropin" ]);
        };
      }
    )
  );
  slices = any { } (types.attrsOf (types.submodule { options = common // { sliceConfig = section; }; }));
}
