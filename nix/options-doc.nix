# docs/options.md: the option reference as Markdown text. Only declarations are looked at, so no NixOS is needed
# around the module.
{ lib, pkgs }:
let
  inherit (lib)
    concatMapStrings
    filter
    hasPrefix
    optionalString
    optionAttrSetToDocList
    sort
    ;

  eval = lib.evalModules {
    modules = [
      ./module/options.nix
      ./module/options-github.nix
      ./module/options-classes.nix
      ./module/options-network.nix
      { _module.args.pkgs = pkgs; }
    ];
  };

  options = sort (a: b: a.name < b.name) (
    filter (option: !option.internal && option.visible != false && hasPrefix "services.runner-controller" option.name) (
      optionAttrSetToDocList eval.options
    )
  );

  code =
    value:
    let
      text = value.text or (lib.generators.toPretty { } value);
    in
    if lib.hasInfix "\n" text then "\n\n```nix\n${lib.removeSuffix "\n" text}\n```\n" else " `${text}`\n";

  render = option: ''

    ### `${option.name}`

    ${lib.trim option.description}

    - Type: ${option.type}
    ${optionalString (option ? default) "- Default:${code option.default}"}${
      optionalString (option ? example) "- Example:${code option.example}"
    }'';
in
''
  # Options of the NixOS module

  Generated from the module; do not edit. `UPDATE_OPTIONS=1 npx vitest run test/nix/options.test.ts` writes it anew.
''
+ concatMapStrings render options
